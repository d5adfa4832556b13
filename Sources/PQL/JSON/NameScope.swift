import Bytes

/// The variables and the implicit items that a place inside a definition sees.
struct NameScope {
  /// How many bindings of each name are in scope.
  private var counts: [Text: Int] = [:]
  /// The level of the innermost implicit item; 0 is the profile.
  private(set) var level = 0

  func isBound(_ name: Text) -> Bool { counts[name] != nil }

  /// The names in scope, in ascending order.
  var names: [Text] { counts.keys.sorted() }

  mutating func bind(_ name: Text) { counts[name, default: 0] += 1 }

  mutating func unbind(_ name: Text) {
    guard let count = counts[name] else { return }
    counts[name] = count > 1 ? count - 1 : nil
  }

  mutating func enterItem() { level += 1 }

  mutating func leaveItem() { level -= 1 }
}

extension Function {
  /// Whether an argument, counted with the receiver, is evaluated once an element of it.
  func isPerItem(argument index: Int) -> Bool {
    let signature = self.signature
    let place = index - (signature.receiver == nil ? 0 : 1)
    guard signature.parameters.indices.contains(place) else { return false }
    return if case .perItem = signature.parameters[place] { true } else { false }
  }
}
