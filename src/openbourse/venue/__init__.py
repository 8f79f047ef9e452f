"""The running exchange: sequencer, order desk, operations, clock."""
