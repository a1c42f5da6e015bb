"""Looking after a store where its data lies: removing, examining, copying."""
