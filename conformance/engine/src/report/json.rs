use super::Report;

impl Report {
    /// The report as JSON.
    pub fn to_json(&self) -> String {
        let json = serde_json::to_string_pretty(self).expect("texts and numbers are valid JSON");
        json + "\n"
    }

    /// Reads what [`to_json`](Self::to_json) wrote.
    ///
    /// # Errors
    ///
    /// When `json` is not such a report.
    pub fn from_json(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }
}
