"""How identity broke on other platforms, each as a test against our builder. The names say where it was reported."""
