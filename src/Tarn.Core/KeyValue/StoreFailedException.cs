namespace Tarn.Core.KeyValue;

/// <summary>A write of the store failed, so that what is on the device is unknown: it takes no more until it is opened again.</summary>
public sealed class StoreFailedException : IOException
{
    public StoreFailedException() : base("The store takes no writes since one failed.") { }

    public StoreFailedException(string message) : base(message) { }

    public StoreFailedException(string message, Exception inner) : base(message, inner) { }
}
