namespace Tarn.EndToEnd.Console.Harness;

/// <summary>Who signs in to the console.</summary>
public enum Who
{
    /// <summary>The server's root user.</summary>
    Root,

    /// <summary>The root user of another organization, <c>acme</c>.</summary>
    OrganizationRoot,

    /// <summary>A user of the server's organization that a policy lets read the buckets whose names begin with <c>shown-</c>.</summary>
    Reader,

    /// <summary>The server's root user with a key whose policy lets it read.</summary>
    LimitedKey,
}
