"""Simulated banks, payment companies, carriers, resolvers and stores: they move simulated money and answer like any."""
