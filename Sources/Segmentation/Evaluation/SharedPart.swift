package import Bytes
package import Domain

/// What one part of a program took, which several definitions may share.
package struct SharedPart: Hashable, Sendable {
  /// What was done, in a word.
  package enum Kind: String, Sendable, CaseIterable {
    /// Compiling, and making a shard ready.
    case readying
    /// Sorting the values of a field into classes, by their codes or each by itself.
    case values
    /// The same by cuts among numbers.
    case cuts
    /// Tests of attributes.
    case attributes
    /// Conditions on the events of a type.
    case events
    /// Halves of pairs among the events of a type.
    case halves
    /// Looking for a pair of events.
    case pairs
    /// Adding values of events.
    case sums
    /// Asking the interpreter about single profiles.
    case asked
    /// Putting conditions together.
    case program
    /// Packing the members.
    case members
  }

  package var kind: Kind
  /// What it is about, for people.
  package var description: Text
  /// The definitions that use it, by their places in the program.
  package var definitions: Bitmap
  package var cost: WorkCost

  package init(kind: Kind, description: Text, definitions: Bitmap, cost: WorkCost) {
    self.kind = kind
    self.description = description
    self.definitions = definitions
    self.cost = cost
  }
}
