import Synchronization

/// Collects what several threads find, and goes on once when all have found something.
final class Gathering<Value: Sendable>: Sendable {
  private struct State {
    var values: [Value?]
    var left: Int
  }

  private let state: Mutex<State>
  private let goOn: @Sendable ([Value]) -> Void

  /// - Parameters:
  ///   - count: how many values there will be; with none it goes on at once.
  ///   - goOn: is given all of them by their index, on the thread of the last one.
  init(_ count: Int, goOn: @escaping @Sendable ([Value]) -> Void) {
    state = Mutex(State(values: [Value?](repeating: nil, count: count), left: count))
    self.goOn = goOn
    if count == 0 { goOn([]) }
  }

  /// Takes one value; each index once.
  func put(_ value: Value, at index: Int) {
    let all = state.withLock { state -> [Value]? in
      state.values[index] = value
      state.left -= 1
      guard state.left == 0 else { return nil }
      defer { state.values = [] }
      return state.values.compactMap(\.self)
    }
    if let all { goOn(all) }
  }
}
