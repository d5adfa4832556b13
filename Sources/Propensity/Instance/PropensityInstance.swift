package import Bytes

/// What a model is to learn, for whom, and how: a marketer's order, as it is written in a JSON file.
///
/// Rules are PQL as text; whoever has the language checks and compiles them. Times are in days
/// before or after a cut-off: features come from before it, the outcome from the window behind it.
package struct PropensityInstance: Equatable, Sendable {
  /// How a score is read; what is computed is the same.
  package enum Kind: String, CaseIterable, Sendable {
    case conversion
    case churn
  }

  /// When scores are made anew by themselves; a model that has become old is trained anew before.
  package enum Schedule: String, CaseIterable, Sendable {
    case never
    case weekly
    case monthly

    /// Days from one scoring to the next; `nil` when there is none.
    package var days: Int? {
      switch self {
      case .never: nil
      case .weekly: 7
      case .monthly: 30
      }
    }
  }

  /// What a positive row is.
  package enum Goal: Equatable, Sendable {
    /// A predicate over a profile, as true of its attributes alone as of its events.
    case predicate(Text)
    case events(EventGoal)
  }

  /// Events that have, or have not, to happen in the outcome window.
  package struct EventGoal: Equatable, Sendable {
    package enum Match: String, CaseIterable, Sendable {
      case all
      case any
    }

    /// Whether all conditions have to be met by one event, or by any events of the window.
    package enum Scope: String, CaseIterable, Sendable {
      case sameEvent = "same-event"
      case withinWindow = "within-window"
    }

    /// False when a row is positive because nothing of the kind happens.
    package var occurs: Bool
    package var match: Match
    package var scope: Scope
    /// PQL over one event each; at least one.
    package var conditions: [Text]

    package init(
      occurs: Bool = true,
      match: Match = .all,
      scope: Scope = .sameEvent,
      conditions: [Text]
    ) {
      self.occurs = occurs
      self.match = match
      self.scope = scope
      self.conditions = conditions
    }
  }

  /// A kind of event that features count under its own name.
  package struct CustomEvent: Equatable, Sendable {
    package var name: Text
    package var condition: Text

    package init(name: Text, condition: Text) {
      self.name = name
      self.condition = condition
    }
  }

  /// Profile attributes among the features.
  package struct Attributes: Equatable, Sendable {
    /// These alone; `nil` for all.
    package var include: [Text]?
    /// But not these.
    package var exclude: [Text] = []

    package init(include: [Text]? = nil, exclude: [Text] = []) {
      self.include = include
      self.exclude = exclude
    }
  }

  package static let nameByteCountMax = 64
  package static let outcomeWindowDaysRange = 1...365
  package static let cutOffCountRange = 1...12
  /// Conditions, events, attributes of one list at most.
  package static let listCountMax = 1_000
  /// Rows of either outcome that a model is learned from at least.
  package static let outcomeRowCountMin: UInt64 = 500

  /// Names the scores everywhere: letters, digits, `-` and `_`, a letter first.
  package var name: Text
  package var description: Text = ""
  package var kind: Kind
  package var goal: Goal
  package var outcomeWindowDays = 30
  /// PQL for the profiles that are learned from and scored; `nil` for those that were active lately.
  package var eligible: Text?
  package var customEvents: [CustomEvent] = []
  package var attributes = Attributes()
  /// Ids of the audiences whose memberships are features; `nil` leaves the choice to the plan.
  package var memberships: [Text]?
  /// PQL for events that are as if they had not happened.
  package var exclusions: [Text] = []
  /// Points in time at which rows are made, the newest one outcome window before the latest data.
  package var cutOffCount = 1
  /// Days between cut-offs; `nil` for the outcome window, so that outcomes do not overlap.
  package var cutOffStepDays: Int?
  package var training = TrainingSettings()
  package var schedule = Schedule.never
  /// Whether the scores of every new model become fields of the profiles by themselves.
  package var writeToProfile = false

  package init(name: Text, kind: Kind, goal: Goal) {
    self.name = name
    self.kind = kind
    self.goal = goal
  }
}
