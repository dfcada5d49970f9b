"""What runs in Rasa's environment: training, and the server that understands. It keeps no conversation.

Whatever is imported from here finds Rasa without TensorFlow.
"""

from nlu.runtime import stand_ins

stand_ins.install()
