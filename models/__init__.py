"""The networks: a base DNN and one subclass for each sharing pattern of the study."""
