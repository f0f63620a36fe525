namespace Tarn.Tests.DeclaredSettings;

/// <summary>A bucket setting as the table of tests needs it.</summary>
/// <param name="Absent">The answer to reading it if it is not set: an error code, or the root element of a document.</param>
/// <param name="First">A document to put.</param>
/// <param name="Shown">Text that the answer to reading it then contains.</param>
/// <param name="Second">Another document.</param>
/// <param name="ThenShown">Text that the answer to reading that contains, and the one before does not.</param>
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
