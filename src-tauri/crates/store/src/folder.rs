//! The data folder and its files belong to their owner alone.
