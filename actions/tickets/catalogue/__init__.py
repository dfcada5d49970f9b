"""The service catalogue at work: what a request asks for, who may ask, what happens at once."""
