namespace Tarn.Server.Cli;

/// <summary>The credentials of a command: a token or an access key.</summary>
internal sealed record ClientCredentials(string? Token, string? AccessKey, string? SecretKey)
{
    /// <summary>What temporary credentials have beside their key; null for others.</summary>
    public string? SessionToken { get; private init; }

    private static readonly (string Id, string Secret)[] Pairs =
    [
        ("TARN_ROOT_ACCESS_KEY", "TARN_ROOT_SECRET_KEY"),
        ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    ];

    /// <summary>Whether any are set, for commands that can run without them.</summary>
    public static bool AreIn(Func<string, string?> variable) =>
        !string.IsNullOrEmpty(variable("TARN_API_KEY")) || Array.Exists(Pairs, pair => !string.IsNullOrEmpty(variable(pair.Id)));

    /// <summary>Takes the token from TARN_API_KEY, or else the first pair of variables that is set.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    /// <exception cref="CliException">Nothing is set, or only half of a pair.</exception>
    public static ClientCredentials From(Func<string, string?> variable)
    {
        if (variable("TARN_API_KEY") is { Length: > 0 } token)
        {
            return new ClientCredentials(token.StartsWith("key-", StringComparison.Ordinal) ? token : "key-" + token, null, null);
        }

        return KeyFrom(variable) ?? throw new CliException(
            "no credentials: set TARN_API_KEY to a token, or TARN_ROOT_ACCESS_KEY and TARN_ROOT_SECRET_KEY to the key that the server "
            + "was given or printed at its first start");
    }

    /// <summary>Takes an access key, for requests to S3, which know no tokens, from the first pair of variables that is set; null if none is.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    /// <exception cref="CliException">Only half of a pair is set.</exception>
    public static ClientCredentials? KeyFrom(Func<string, string?> variable)
    {
        foreach ((string idName, string secretName) in Pairs)
        {
            string? id = variable(idName), secret = variable(secretName);
            if (string.IsNullOrEmpty(id) != string.IsNullOrEmpty(secret))
            {
                throw new CliException($"{idName} and {secretName} must both be set, or neither");
            }

            if (!string.IsNullOrEmpty(id))
            {
                return new ClientCredentials(null, id, secret)
                {
                    SessionToken = idName == "AWS_ACCESS_KEY_ID" && variable("AWS_SESSION_TOKEN") is { Length: > 0 } token ? token : null,
                };
            }
        }

        return null;
    }

    // A record's generated text would show the secrets.
    public override string ToString() => AccessKey ?? "token";
}
