"""What pages show: frozen values, masked, already counted; pages only lay them out."""
