/// Reads the members of definitions off the vectors of a block, for one thread.
@safe final class MemberRoom {
  /// Where a definition's members stand.
  private struct Root: BitwiseCopyable {
    /// The first word of its node's vector.
    var vector: Int
    /// What its words are turned over by.
    var inverse: UInt64
    /// The vector means nothing: it is asked for.
    var isLazy: Bool
  }

  let rootCount: Int
  private let roots: Scratch<Root>
  private let words = Scratch<UInt64>(count: BlockVector.wordCount)
  private let everyone = Scratch<UInt64>(count: BlockVector.wordCount)
  private var isWhole = false

  init(_ program: CompiledProgram) {
    rootCount = program.roots.count
    roots = Scratch(count: program.roots.count)
    for (definition, root) in program.roots.enumerated() {
      unsafe roots.pointer[definition] = Root(
        vector: root.node * BlockVector.wordCount,
        inverse: root.isNegated ? .max : 0,
        isLazy: program.isLazy[root.node]
      )
    }
  }

  /// Turns to a block with these profiles.
  func begin(_ everyone: [UInt64]) {
    for word in everyone.indices { unsafe self.everyone.pointer[word] = everyone[word] }
    isWhole = everyone.allSatisfy { $0 == .max }
  }

  func isLazy(_ definition: Int) -> Bool { unsafe roots.pointer[definition].isLazy }

  /// The members of a definition that is not lazy; valid until the next ones are read.
  func members(
    _ definition: Int,
    _ vectors: UnsafePointer<UInt64>
  ) -> UnsafePointer<UInt64> {
    let root = unsafe roots.pointer[definition]
    let vector = unsafe vectors + root.vector
    if isWhole && root.inverse == 0 { return unsafe vector }
    let (words, everyone) = unsafe (words.pointer, everyone.pointer)
    for word in 0..<BlockVector.wordCount {
      unsafe words[word] = (vector[word] ^ root.inverse) & everyone[word]
    }
    return unsafe UnsafePointer(words)
  }

  /// The members of a lazy one, among those for whom it holds.
  func members(_ holds: [UInt64]) -> UnsafePointer<UInt64> {
    let (words, everyone) = unsafe (words.pointer, everyone.pointer)
    for word in holds.indices { unsafe words[word] = holds[word] & everyone[word] }
    return unsafe UnsafePointer(words)
  }
}
