// The floor is laid here.
