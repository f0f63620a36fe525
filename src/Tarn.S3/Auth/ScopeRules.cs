using Tarn.S3.Auth.SigV4;
using Tarn.S3.Requests;

namespace Tarn.S3.Auth;

/// <summary>Checks a credential string, wherever the request carries it: its region (null: any), its service and the date of the signature.</summary>
internal static class ScopeRules
{
    /// <exception cref="Core.Errors.S3Exception">The error that S3 has for the carrier.</exception>
    public static void ThrowIfInvalid(ReadOnlySpan<char> credential, string timestamp, string? region, string service, AuthMechanism carrier)
    {
        if (!CredentialScope.TryParse(credential, out var scope))
        {
            throw AuthErrors.CredentialMalformed(
                carrier, "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
        }

        if (!AmzDate.IsScopeDate(scope.Date))
        {
            throw AuthErrors.CredentialMalformed(
                carrier, $"incorrect date format \"{scope.Date}\". This date in the credential must be in the format \"yyyyMMdd\".");
        }

        if (!scope.Date.SequenceEqual(timestamp.AsSpan(0, 8)))
        {
            throw AuthErrors.CredentialMalformed(
                carrier, $"Invalid credential date \"{scope.Date}\". This date is not the same as X-Amz-Date: \"{timestamp.AsSpan(0, 8)}\".");
        }

        if (region is not null && !scope.Region.SequenceEqual(region))
        {
            throw AuthErrors.WrongRegion(carrier, scope.Region.ToString(), region);
        }

        if (!scope.Service.SequenceEqual(service))
        {
            throw AuthErrors.CredentialMalformed(carrier, $"incorrect service \"{scope.Service}\". This endpoint belongs to \"{service}\".");
        }

        if (scope.Terminator is not SigV4Signer.Terminator)
        {
            throw AuthErrors.CredentialMalformed(carrier, $"incorrect terminal \"{scope.Terminator}\". This endpoint uses \"aws4_request\".");
        }
    }
}
