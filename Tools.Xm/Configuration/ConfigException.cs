namespace Hospes.Xm.Configuration;

/// <summary>A configuration that cannot be used; the message names the file or variable, what is wrong, and what is expected.</summary>
internal sealed class ConfigException(string message, Exception? cause = null) : Exception(message, cause);
