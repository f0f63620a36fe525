namespace Tarn.Core.Blobs.Layout;

/// <summary>When the bytes of a read are compared with their checksums. docs/design/blobs.md says what each promises.</summary>
public enum VerifyReads
{
    /// <summary>
    /// When they come from the device. A block that was verified within the last minutes is read from the page cache without another look.
    /// </summary>
    Device,

    /// <summary>Every time, in the memory that is sent.</summary>
    Always,

    /// <summary>Never.</summary>
    Off,
}
