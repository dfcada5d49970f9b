"""Plain Rasa, to measure the product beside: rules, forms and slots led by Rasa, as they were when it led our dialogue. Frozen."""
