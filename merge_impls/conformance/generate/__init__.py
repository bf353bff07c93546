"""Random, structured and large problems, and the byte streams and hypothesis examples behind them."""
