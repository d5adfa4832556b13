package import Bytes
package import Domain

/// What features are planned from; the process that holds the coordinator knows the language of rules.
package struct FeatureOrder: Hashable, Sendable {
  package var job: JobID
  /// The instance as a file.
  package var instance: [UInt8]
  /// The fields of the set.
  package var schema: Schema
  /// Definitions that the instance may ask about, each after those it refers to.
  package var definitions: [PlannedDefinition]
  /// What every part's data hold, in the form of the room that makes features.
  package var surveys: [[UInt8]]

  package init(
    job: JobID,
    instance: [UInt8],
    schema: Schema,
    definitions: [PlannedDefinition],
    surveys: [[UInt8]]
  ) {
    self.job = job
    self.instance = instance
    self.schema = schema
    self.definitions = definitions
    self.surveys = surveys
  }
}

/// A feature that was thought of and left out.
package struct OmittedFeature: Hashable, Sendable {
  package var name: Text
  /// A word.
  package var reason: Text

  package init(name: Text, reason: Text) {
    self.name = name
    self.reason = reason
  }
}

/// An attribute of texts some of which are numbers: probably a column of numbers with odd cells.
package struct NumericTexts: Hashable, Sendable {
  /// As paths are written.
  package var field: Text
  /// One of the numbers.
  package var sample: Text

  package init(field: Text, sample: Text) {
    self.field = field
    self.sample = sample
  }
}

/// The plan of a training's features; the same for the same order, whatever the order of surveys.
package struct PlannedFeatures: Hashable, Sendable {
  /// In the form of the room that makes features.
  package var plan: [UInt8]
  /// Whether the goal is judged by what happens in an outcome window behind each cut-off.
  package var hasOutcomeWindow: Bool
  package var omitted: [OmittedFeature]
  /// What the set's fields make doubtful in the instance's rules.
  package var remarks: [Text]
  /// Attributes that are, or would be, categories.
  package var numericTexts: [NumericTexts] = []
  /// By the feature's name, what of a profile it is made of.
  package var origins: [Text: FeatureOrigin] = [:]
  /// Days that the rule of the eligible population looks back; `nil` when it does not say.
  package var lookBackDays: Int?

  package init(
    plan: [UInt8],
    hasOutcomeWindow: Bool,
    omitted: [OmittedFeature],
    remarks: [Text] = []
  ) {
    self.plan = plan
    self.hasOutcomeWindow = hasOutcomeWindow
    self.omitted = omitted
    self.remarks = remarks
  }
}
