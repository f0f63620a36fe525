namespace Tarn.Core.KeyValue;

/// <summary>
/// The store's files are damaged or missing: opening it would lose acknowledged writes, or what a read asks for cannot be known. The message names
/// the file. After a failed read other rows stay readable.
/// </summary>
public sealed class StoreDamagedException : IOException
{
    /// <summary>Creates the exception with a default message.</summary>
    public StoreDamagedException() : base("The store is damaged.") { }

    /// <summary>Creates the exception with a message.</summary>
    public StoreDamagedException(string message) : base(message) { }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public StoreDamagedException(string message, Exception inner) : base(message, inner) { }
}
