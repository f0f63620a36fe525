namespace Tarn.Core.Logging;

/// <summary>Why lines were lost.</summary>
public enum LogLoss
{
    /// <summary>There was no room in memory: they were not written to disk fast enough.</summary>
    Queue,

    /// <summary>There was no room in the spool, or it could not be written.</summary>
    Spool,

    /// <summary>Their target cannot take them: it does not exist, has another owner, or does not allow it.</summary>
    Target,

    /// <summary>They could not be delivered for so long that they were given up.</summary>
    Expired,

    /// <summary>Where they go could not be read, and was not known from before.</summary>
    Setting,

    /// <summary>Their bucket was deleted before it was known where they go: its owner's doing.</summary>
    Gone,
}
