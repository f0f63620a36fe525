namespace Tarn.Tests.DeclaredSettings;

/// <summary>What the table of tests needs to know of a setting that buckets can have.</summary>
/// <param name="Absent">What reading it answers where it is not set: an error's code, or the root element of a document.</param>
/// <param name="First">A document to put.</param>
/// <param name="Shown">What the answer to reading it then has in it.</param>
/// <param name="Second">Another document.</param>
/// <param name="ThenShown">What the answer to reading that has in it, and the one before has not.</param>
internal sealed record SettingCase(string Absent, string First, string Shown, string Second, string ThenShown)
{
    /// <summary>The status of a PUT. Source: the sample response of each action in the Amazon S3 API Reference.</summary>
    public int PutStatus { get; init; } = 200;

    /// <summary>Whether a PUT without Content-MD5 or a checksum is refused.</summary>
    public bool NeedsDigest { get; init; }

    /// <summary>The refusal of a document of another kind.</summary>
    public string Malformed { get; init; } = "MalformedXML";

    /// <summary>The refusal of an empty body.</summary>
    public string Empty { get; init; } = "MissingRequestBodyError";
}
