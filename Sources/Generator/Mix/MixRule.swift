import Bytes

/// The rule of a definition of the mix.
enum MixRule: Hashable {
  enum Join: String {
    case all = "and"
    case any = "or"
  }

  /// Events that meet a test in so many days before the evaluation; ever, without days.
  struct Window: Hashable {
    var event: EventTest
    var days: Int?
  }

  /// Of attributes alone.
  case attributes(Join, [FieldTest])
  /// There is such an event.
  case event(Window)
  /// There is one, and none of another kind.
  case didButNot(Window, Window)
  case count(Window, atLeast: Int)
  /// The sum of a field; the bound is a number's text.
  case sum(Window, field: Text, atLeast: Text)
  /// An event in the window, and within some days after it another one at any time.
  case sequence(Window, then: EventTest, withinDays: Int)
  /// Members of all or any of earlier definitions, and not of another one.
  case segments(Join, [Text], butNot: Text?)

  /// The word for the kind in the description.
  var kind: Text {
    switch self {
    case .attributes: "attributes"
    case .event: "event"
    case .didButNot: "did-but-not"
    case .count: "count"
    case .sum: "sum"
    case .sequence: "sequence"
    case .segments: "segments"
    }
  }
}

extension MixRule {
  /// The attributes that conditions are about.
  static let attributeFields: [(name: Text, kind: FieldTest.Kind)] = [
    ("person.gender", .text), ("person.name.firstName", .text), ("person.name.lastName", .text),
    ("homeAddress.city", .text), ("homeAddress.stateProvince", .text),
    ("homeAddress.countryCode", .text), ("loyalty.tier", .text),
    ("consents.marketing.email.val", .text), ("consents.marketing.push.val", .text),
    ("loyalty.points", .number), ("loyalty.pointsRedeemed", .number),
    ("_covey.lifetimeSpend", .number), ("_covey.householdSize", .number),
    ("_covey.satisfaction", .number), ("_repo.createDate", .time), ("loyalty.joinDate", .time),
  ]
}
