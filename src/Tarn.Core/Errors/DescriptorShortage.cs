using System.ComponentModel;

namespace Tarn.Core.Errors;

/// <summary>Tells a lack of file descriptors, which passes as other requests finish, from other failures.</summary>
public static class DescriptorShortage
{
    /// <summary>EMFILE: the process is at its limit.</summary>
    public const int OfProcess = 24;

    /// <summary>ENFILE: the system is at its limit.</summary>
    public const int OfSystem = 23;

    /// <summary>Whether an exception or one of its inner exceptions reports a lack of file descriptors.</summary>
    public static bool IsCauseOf(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            // .NET has no code of its own for these and passes on the errno.
            if (exception is IOException { HResult: OfProcess or OfSystem } or Win32Exception { NativeErrorCode: OfProcess or OfSystem })
            {
                return true;
            }
        }

        return false;
    }
}
