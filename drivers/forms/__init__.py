"""What drivers fill in, one module a screen."""
