import Bytes
package import Domain

/// Memberships by audience, in ascending order of ids.
package struct AudienceTable: Hashable, Sendable {
  /// Ascending, each once.
  package private(set) var ids: [Name] = []
  /// Beside each id.
  package private(set) var memberships: [AudienceMemberships] = []

  package init() {}

  /// The memberships of an audience; `nil` without any, and puts or removes them.
  package subscript(id: Name) -> AudienceMemberships? {
    get {
      let place = place(of: id)
      return contains(id, at: place) ? memberships[place] : nil
    }
    set {
      let place = place(of: id)
      switch (newValue, contains(id, at: place)) {
      case (let new?, true): memberships[place] = new
      case (let new?, false): insert(id, new, at: place)
      case (nil, true):
        ids.remove(at: place)
        memberships.remove(at: place)
      case (nil, false): break
      }
    }
  }

  /// Where an audience is, or would be put; `guess` is looked at first.
  func place(of id: Name, guess: Int = 0) -> Int {
    if contains(id, at: guess) { return guess }
    guard let last = ids.last, id <= last else { return ids.count }
    var low = 0
    var high = ids.count - 1
    while low < high {
      let middle = (low + high) / 2
      if ids[middle] < id { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func contains(_ id: Name, at place: Int) -> Bool { place < ids.count && ids[place] == id }

  mutating func replace(at place: Int, with new: AudienceMemberships) { memberships[place] = new }

  /// Puts an audience that is not there where `place` says.
  mutating func insert(_ id: Name, _ new: AudienceMemberships, at place: Int) {
    ids.insert(id, at: place)
    memberships.insert(new, at: place)
  }

  /// The table without the audiences that are not among the given ones, which ascend.
  func keeping(_ kept: [Name]) -> AudienceTable {
    if kept == ids { return self }
    var table = AudienceTable()
    var place = 0
    for id in kept {
      while place < ids.count, ids[place] < id { place += 1 }
      guard contains(id, at: place) else { continue }
      table.ids.append(id)
      table.memberships.append(memberships[place])
    }
    return table
  }
}

extension AudienceTable: RandomAccessCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { ids.count }

  package subscript(place: Int) -> (id: Name, memberships: AudienceMemberships) {
    (ids[place], memberships[place])
  }
}

extension AudienceTable: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (Name, AudienceMemberships)...) {
    for (id, memberships) in elements { self[id] = memberships }
  }
}
