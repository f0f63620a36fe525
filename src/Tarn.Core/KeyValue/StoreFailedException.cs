namespace Tarn.Core.KeyValue;

/// <summary>A write of the store failed, so what is on the device is unknown: the store refuses writes until it is opened again.</summary>
public sealed class StoreFailedException : IOException
{
    /// <summary>Creates the exception with a default message.</summary>
    public StoreFailedException() : base("The store refuses writes because an earlier one failed.") { }

    /// <summary>Creates the exception with a message.</summary>
    public StoreFailedException(string message) : base(message) { }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public StoreFailedException(string message, Exception inner) : base(message, inner) { }
}
