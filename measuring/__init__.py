"""What every measurement needs: facts of the machine, processes of its own, servers and texts."""
