import Testing

/// Tests that run whole processes of a cluster, one after the other.
///
/// Each waits for threads of its own; side by side they would only wait for each other.
@Suite(.serialized) struct ProcessTests {}
