import RunConfiguration
import Testing

/// Reads YAML as the file `run.yaml` of the current folder.
func load(_ yaml: String, _ overrides: String...) throws -> RunConfiguration {
  try .load(text: yaml, path: "run.yaml", overrides: overrides)
}

/// What is wrong with `yaml`; fails when nothing is.
func refusal(
  of yaml: String, _ overrides: [String] = [], sourceLocation: SourceLocation = #_sourceLocation
) throws -> RunConfigurationError {
  try #require(throws: RunConfigurationError.self, sourceLocation: sourceLocation) {
    try RunConfiguration.load(text: yaml, path: "run.yaml", overrides: overrides)
  }
}
