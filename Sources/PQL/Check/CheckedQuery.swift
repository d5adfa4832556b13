package import Bytes

/// A definition that has passed every static check.
package struct CheckedQuery: Hashable, Sendable {
  package var body: TypedExpression
  /// The size of the variables' stack.
  package var slotCount: Int
  /// The size of the items' stack: at least 1, for the profile.
  package var itemLevelCount: Int
  /// The variable of `(P) => …`, which holds the profile.
  package var profileVariable: Variable?
  /// The text the ranges point into, which takes no part in equality.
  package var source: Text

  package init(
    body: TypedExpression,
    slotCount: Int,
    itemLevelCount: Int,
    profileVariable: Variable? = nil,
    source: Text = ""
  ) {
    self.body = body
    self.slotCount = slotCount
    self.itemLevelCount = itemLevelCount
    self.profileVariable = profileVariable
    self.source = source
  }

  package static func == (left: CheckedQuery, right: CheckedQuery) -> Bool {
    left.profileVariable == right.profileVariable && left.body == right.body
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(body) }
}

extension Query {
  /// Checks everything that can be known before a profile is read, and resolves every name.
  package func checked() throws(LanguageError) -> CheckedQuery {
    do throws(Fault) {
      var checker = Checker()
      return try checker.check(self)
    } catch {
      throw LanguageError(error, in: source)
    }
  }
}

extension CheckedQuery {
  /// Reads and checks a definition's text.
  package init(_ source: Text) throws(LanguageError) {
    self = try Query.parse(source).checked()
  }
}
