using System.ComponentModel;

namespace Tarn.Core.Errors;

/// <summary>Tells a lack of file descriptors from other failures: it is over as soon as others are done.</summary>
public static class DescriptorShortage
{
    /// <summary>EMFILE: the process has as many as it may.</summary>
    public const int OfProcess = 24;

    /// <summary>ENFILE: the system has as many as it may.</summary>
    public const int OfSystem = 23;

    /// <summary>Whether an exception, or one inside it, comes of it.</summary>
    public static bool IsCauseOf(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            // .NET has no code of its own for these and passes the errno on.
            if (exception is IOException { HResult: OfProcess or OfSystem } or Win32Exception { NativeErrorCode: OfProcess or OfSystem })
            {
                return true;
            }
        }

        return false;
    }
}
