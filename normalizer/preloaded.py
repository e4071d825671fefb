"""Loaded once by the process that all workers are forked from: they share what it has read."""

import gc

import normalizer.workers
from normalizer.phrases import phrases

phrases()
normalizer.workers.log.debug("ready to fork workers")
gc.collect()
gc.freeze()  # or the first collection of each worker would copy every page
