"""A city that does not know it is watched: today its institutions, which answer over the protocol like any bank."""
