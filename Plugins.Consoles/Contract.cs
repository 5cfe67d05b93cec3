using System.Runtime.Versioning;
using Hospes.Sdk.Composition;

[assembly: PluginContract(SdkContract.Version)]
