"""What runs underneath an application: communication between its parts."""
