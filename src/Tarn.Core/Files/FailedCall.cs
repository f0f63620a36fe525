using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Tarn.Core.Files;

/// <summary>What is thrown when a call of the C library on a file fails.</summary>
public static class FailedCall
{
    /// <summary>The exception for the call that this thread made last; its cause is a <see cref="Win32Exception"/> with the error number.</summary>
    /// <param name="call">The call's name.</param>
    /// <param name="path">The file's name.</param>
    public static IOException Last(string call, string path) => Of(call, path, Marshal.GetLastPInvokeError());

    /// <summary>The exception for a call that failed with an error number.</summary>
    /// <param name="call">The call's name.</param>
    /// <param name="path">The file's name.</param>
    /// <param name="error">The error number.</param>
    public static IOException Of(string call, string path, int error) =>
        new($"{call} of {path}: {Marshal.GetPInvokeErrorMessage(error)}", new Win32Exception(error));
}
