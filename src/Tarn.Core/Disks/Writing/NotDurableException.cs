namespace Tarn.Core.Disks.Writing;

/// <summary>A name was given or taken, but may not survive the machine's end.</summary>
/// <param name="cause">The call that failed.</param>
internal sealed class NotDurableException(IOException cause) : IOException(cause.Message, cause.HResult);
