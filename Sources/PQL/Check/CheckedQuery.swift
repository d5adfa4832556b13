/// A definition that has passed every static check.
package struct CheckedQuery: Hashable, Sendable {
  package var body: TypedExpression
  /// The size of the variables' stack.
  package var slotCount: Int
  /// The size of the items' stack: at least 1, for the profile.
  package var itemLevelCount: Int
  /// The variable of `(P) => …`, which holds the profile.
  package var profileVariable: Variable?

  package init(
    body: TypedExpression,
    slotCount: Int,
    itemLevelCount: Int,
    profileVariable: Variable? = nil
  ) {
    self.body = body
    self.slotCount = slotCount
    self.itemLevelCount = itemLevelCount
    self.profileVariable = profileVariable
  }
}
