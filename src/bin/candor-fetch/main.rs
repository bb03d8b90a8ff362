//! Fetches the models; the only program of the project that touches the network.
fn main() {}
