"""What requests and answers look like: the HTTP contract, plain data to the pipeline and the command line too."""
