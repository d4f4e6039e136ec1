"""Stories of the desk, end to end on the movable clock: a house, its people, and banks over the protocol."""
