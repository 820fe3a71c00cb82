"""Measurements of the figures that README and benchmarks/README.md quote; `make bench` runs them all."""
