// Part of @datadog/datadog-api-client, Copyright 2020-Present Datadog, Inc., under the Apache License 2.0.
// Changed: only the requests that midwatch makes are left, and neither transport nor log. Made by test/support/datadog-sdk.ts; see README.md.

// \0rolldown/runtime.js
var __commonJSMin = (cb, mod) => () => (mod || (cb((mod = { exports: {} }).exports, mod, mod.exports), cb = null), mod.exports);
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-common/baseapi.js
var require_baseapi = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.RequiredError = exports.BaseAPIRequestFactory = exports.COLLECTION_FORMATS = void 0;
	exports.COLLECTION_FORMATS = {
		csv: ",",
		ssv: " ",
		tsv: "	",
		pipes: "|"
	};
	var BaseAPIRequestFactory = class {
		constructor(configuration) {
			this.configuration = configuration;
		}
	};
	exports.BaseAPIRequestFactory = BaseAPIRequestFactory;
	var RequiredError = class extends Error {
		constructor(field, operation) {
			super(`Required parameter ${field} was null or undefined when calling ${operation}.`);
			this.field = field;
			this.name = "RequiredError";
		}
	};
	exports.RequiredError = RequiredError;
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-common/http/isomorphic-fetch.js
var require_isomorphic_fetch = __commonJSMin(((exports) => {
	exports.IsomorphicFetchHttpLibrary = void 0;
}));
// node_modules/@datadog/datadog-api-client/dist/version.js
var require_version = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.version = void 0;
	exports.version = "1.64.0";
}));
// node_modules/@datadog/datadog-api-client/dist/userAgent.js
var require_userAgent = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.userAgent = void 0;
	var version_1 = require_version();
	if (typeof process !== "undefined" && process.release && process.release.name === "node") exports.userAgent = `datadog-api-client-typescript/${version_1.version} (node ${process.versions.node}; os ${process.platform}; arch ${process.arch})`;
	else if (typeof window !== "undefined" && typeof window.document !== "undefined") {} else exports.userAgent = `datadog-api-client-typescript/${version_1.version} (runtime unknown)`;
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-common/util.js
var require_util = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.dateToRFC3339String = exports.dateFromRFC3339String = exports.DDate = exports.isNode = exports.isBrowser = exports.UnparsedObject = void 0;
	var UnparsedObject = class {
		constructor(data) {
			this._data = data;
		}
	};
	exports.UnparsedObject = UnparsedObject;
	exports.isBrowser = typeof window !== "undefined" && typeof window.document !== "undefined";
	exports.isNode = typeof process !== "undefined" && process.versions != null && process.versions.node != null;
	var DDate = class extends Date {};
	exports.DDate = DDate;
	var RFC3339Re = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})\.?(\d+)?(?:(?:([+-]\d{2}):?(\d{2}))|Z)?$/;
	function dateFromRFC3339String(date) {
		if (RFC3339Re.exec(date)) {
			const _date = new DDate(date);
			_date.originalDate = date;
			return _date;
		} else throw new Error("unexpected date format: " + date);
	}
	exports.dateFromRFC3339String = dateFromRFC3339String;
	function dateToRFC3339String(date) {
		if (date instanceof DDate && date.originalDate) return date.originalDate;
		return date.toISOString().split(".")[0] + "Z";
	}
	exports.dateToRFC3339String = dateToRFC3339String;
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-common/http/http.js
var require_http = __commonJSMin(((exports, module, this$10) => {
	var __awaiter = this$10 && this$10.__awaiter || function(thisArg, _arguments, P, generator) {
		function adopt(value) {
			return value instanceof P ? value : new P(function(resolve) {
				resolve(value);
			});
		}
		return new (P || (P = Promise))(function(resolve, reject) {
			function fulfilled(value) {
				try {
					step(generator.next(value));
				} catch (e) {
					reject(e);
				}
			}
			function rejected(value) {
				try {
					step(generator["throw"](value));
				} catch (e) {
					reject(e);
				}
			}
			function step(result) {
				result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
			}
			step((generator = generator.apply(thisArg, _arguments || [])).next());
		});
	};
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.ResponseContext = exports.SelfDecodingBody = exports.RequestContext = exports.HttpException = exports.HttpMethod = void 0;
	var userAgent_1 = require_userAgent();
	var util_1 = require_util();
	var baseapi_1 = require_baseapi();
	(function(HttpMethod) {
		HttpMethod["GET"] = "GET";
		HttpMethod["HEAD"] = "HEAD";
		HttpMethod["POST"] = "POST";
		HttpMethod["PUT"] = "PUT";
		HttpMethod["DELETE"] = "DELETE";
		HttpMethod["CONNECT"] = "CONNECT";
		HttpMethod["OPTIONS"] = "OPTIONS";
		HttpMethod["TRACE"] = "TRACE";
		HttpMethod["PATCH"] = "PATCH";
	})(exports.HttpMethod || (exports.HttpMethod = {}));
	var HttpException = class extends Error {
		constructor(msg) {
			super(msg);
		}
	};
	exports.HttpException = HttpException;
	var RequestContext = class {
		constructor(url, httpMethod) {
			this.httpMethod = httpMethod;
			this.headers = {};
			this.body = void 0;
			this.httpConfig = {};
			this.url = new URL(url);
			if (!util_1.isBrowser) this.headers = { "user-agent": userAgent_1.userAgent };
		}
		getUrl() {
			return this.url.toString();
		}
		setUrl(url) {
			this.url = new URL(url);
		}
		setBody(body) {
			this.body = body;
		}
		getHttpMethod() {
			return this.httpMethod;
		}
		getHeaders() {
			return this.headers;
		}
		getBody() {
			return this.body;
		}
		setQueryParam(name, value, collectionFormat) {
			if (collectionFormat === "multi") {
				for (const val of value) this.url.searchParams.append(name, val);
				return;
			}
			if (Array.isArray(value)) {
				const delimiter = baseapi_1.COLLECTION_FORMATS[collectionFormat];
				value = value.join(delimiter);
			}
			return this.url.searchParams.set(name, value);
		}
		addCookie(name, value) {
			if (!this.headers["Cookie"]) this.headers["Cookie"] = "";
			this.headers["Cookie"] += name + "=" + value + "; ";
		}
		setHeaderParam(key, value) {
			this.headers[key] = value;
		}
		setHttpConfig(conf) {
			this.httpConfig = conf;
		}
		getHttpConfig() {
			return this.httpConfig;
		}
	};
	exports.RequestContext = RequestContext;
	var SelfDecodingBody = class {
		constructor(dataSource) {
			this.dataSource = dataSource;
		}
		binary() {
			return this.dataSource;
		}
		text() {
			return __awaiter(this, void 0, void 0, function* () {
				return (yield this.dataSource).toString();
			});
		}
	};
	exports.SelfDecodingBody = SelfDecodingBody;
	var ResponseContext = class {
		constructor(httpStatusCode, headers, body) {
			this.httpStatusCode = httpStatusCode;
			this.headers = headers;
			this.body = body;
		}
		getParsedHeader(headerName) {
			const result = {};
			if (!this.headers[headerName]) return result;
			const parameters = this.headers[headerName].split(";");
			for (const parameter of parameters) {
				let [key, value] = parameter.split("=", 2);
				key = key.toLowerCase().trim();
				if (value === void 0) result[""] = key;
				else {
					value = value.trim();
					if (value.startsWith("\"") && value.endsWith("\"")) value = value.substring(1, value.length - 1);
					result[key] = value;
				}
			}
			return result;
		}
		getBodyAsFile() {
			return __awaiter(this, void 0, void 0, function* () {
				return {
					data: yield this.body.binary(),
					name: this.getParsedHeader("content-disposition")["filename"] || ""
				};
			});
		}
	};
	exports.ResponseContext = ResponseContext;
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-common/servers.js
var require_servers = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.operationServers = exports.servers = exports.server3 = exports.server2 = exports.server1 = exports.ServerConfiguration = exports.BaseServerConfiguration = void 0;
	var http_1 = require_http();
	var BaseServerConfiguration = class BaseServerConfiguration {
		constructor(url, variableConfiguration) {
			this.url = url;
			this.variableConfiguration = variableConfiguration;
		}
		setVariables(variableConfiguration) {
			Object.assign(this.variableConfiguration, variableConfiguration);
		}
		getConfiguration() {
			return this.variableConfiguration;
		}
		clone() {
			return new BaseServerConfiguration(this.url, Object.assign({}, this.variableConfiguration));
		}
		getUrl() {
			let replacedUrl = this.url;
			for (const key in this.variableConfiguration) {
				const re = new RegExp("{" + key + "}", "g");
				replacedUrl = replacedUrl.replace(re, this.variableConfiguration[key]);
			}
			return replacedUrl;
		}
		makeRequestContext(endpoint, httpMethod) {
			return new http_1.RequestContext(this.getUrl() + endpoint, httpMethod);
		}
	};
	exports.BaseServerConfiguration = BaseServerConfiguration;
	var ServerConfiguration = class extends BaseServerConfiguration {};
	exports.ServerConfiguration = ServerConfiguration;
	exports.server1 = new ServerConfiguration("https://{subdomain}.{site}", {
		site: "datadoghq.com",
		subdomain: "api"
	});
	exports.server2 = new ServerConfiguration("{protocol}://{name}", {
		name: "api.datadoghq.com",
		protocol: "https"
	});
	exports.server3 = new ServerConfiguration("https://{subdomain}.{site}", {
		site: "datadoghq.com",
		subdomain: "api"
	});
	exports.servers = [
		exports.server1,
		exports.server2,
		exports.server3
	];
	exports.operationServers = {
		"v1.IPRangesApi.getIPRanges": [
			new ServerConfiguration("https://{subdomain}.{site}", {
				site: "datadoghq.com",
				subdomain: "ip-ranges"
			}),
			new ServerConfiguration("{protocol}://{name}", {
				name: "ip-ranges.datadoghq.com",
				protocol: "https"
			}),
			new ServerConfiguration("https://{subdomain}.datadoghq.com", { subdomain: "ip-ranges" })
		],
		"v1.LogsApi.submitLog": [
			new ServerConfiguration("https://{subdomain}.{site}", {
				site: "datadoghq.com",
				subdomain: "http-intake.logs"
			}),
			new ServerConfiguration("{protocol}://{name}", {
				name: "http-intake.logs.datadoghq.com",
				protocol: "https"
			}),
			new ServerConfiguration("https://{subdomain}.{site}", {
				site: "datadoghq.com",
				subdomain: "http-intake.logs"
			})
		],
		"v2.EventsApi.createEvent": [
			new ServerConfiguration("https://{subdomain}.{site}", {
				site: "datadoghq.com",
				subdomain: "event-management-intake"
			}),
			new ServerConfiguration("{protocol}://{name}", {
				name: "event-management-intake.datadoghq.com",
				protocol: "https"
			}),
			new ServerConfiguration("https://{subdomain}.{site}", {
				site: "datadoghq.com",
				subdomain: "event-management-intake"
			})
		],
		"v2.LogsApi.submitLog": [
			new ServerConfiguration("https://{subdomain}.{site}", {
				site: "datadoghq.com",
				subdomain: "http-intake.logs"
			}),
			new ServerConfiguration("{protocol}://{name}", {
				name: "http-intake.logs.datadoghq.com",
				protocol: "https"
			}),
			new ServerConfiguration("https://{subdomain}.{site}", {
				site: "datadoghq.com",
				subdomain: "http-intake.logs"
			})
		],
		"v2.OAuth2ClientPublicApi.getOIDCDiscoveryDocument": [
			new ServerConfiguration("https://{subdomain}.{site}", {
				site: "datadoghq.com",
				subdomain: "app"
			}),
			new ServerConfiguration("{protocol}://{name}", {
				name: "app.datadoghq.com",
				protocol: "https"
			}),
			new ServerConfiguration("https://{subdomain}.{site}", {
				site: "datadoghq.com",
				subdomain: "app"
			})
		],
		"v2.OnCallPagingApi.acknowledgeOnCallPage": [
			new ServerConfiguration("https://{site}", { site: "navy.oncall.datadoghq.com" }),
			new ServerConfiguration("{protocol}://{name}", {
				name: "navy.oncall.datadoghq.com",
				protocol: "https"
			}),
			new ServerConfiguration("https://{subdomain}.{site}", {
				site: "datadoghq.com",
				subdomain: "navy.oncall"
			})
		],
		"v2.OnCallPagingApi.createOnCallPage": [
			new ServerConfiguration("https://{site}", { site: "navy.oncall.datadoghq.com" }),
			new ServerConfiguration("{protocol}://{name}", {
				name: "navy.oncall.datadoghq.com",
				protocol: "https"
			}),
			new ServerConfiguration("https://{subdomain}.{site}", {
				site: "datadoghq.com",
				subdomain: "navy.oncall"
			})
		],
		"v2.OnCallPagingApi.escalateOnCallPage": [
			new ServerConfiguration("https://{site}", { site: "navy.oncall.datadoghq.com" }),
			new ServerConfiguration("{protocol}://{name}", {
				name: "navy.oncall.datadoghq.com",
				protocol: "https"
			}),
			new ServerConfiguration("https://{subdomain}.{site}", {
				site: "datadoghq.com",
				subdomain: "navy.oncall"
			})
		],
		"v2.OnCallPagingApi.resolveOnCallPage": [
			new ServerConfiguration("https://{site}", { site: "navy.oncall.datadoghq.com" }),
			new ServerConfiguration("{protocol}://{name}", {
				name: "navy.oncall.datadoghq.com",
				protocol: "https"
			}),
			new ServerConfiguration("https://{subdomain}.{site}", {
				site: "datadoghq.com",
				subdomain: "navy.oncall"
			})
		],
		"v2.ProductAnalyticsApi.submitProductAnalyticsEvent": [
			new ServerConfiguration("https://{site}", { site: "browser-intake-datadoghq.com" }),
			new ServerConfiguration("{protocol}://{name}", {
				name: "browser-intake-datadoghq.com",
				protocol: "https"
			}),
			new ServerConfiguration("https://{subdomain}.{site}", {
				site: "datadoghq.com",
				subdomain: "api"
			})
		]
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-common/auth.js
var require_auth = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.configureAuthMethods = exports.AppKeyAuthAuthentication = exports.ApiKeyAuthAuthentication = exports.AuthZAuthentication = void 0;
	var AuthZAuthentication = class {
		constructor(accessToken) {
			this.accessToken = accessToken;
		}
		getName() {
			return "AuthZ";
		}
		applySecurityAuthentication(context) {
			context.setHeaderParam("Authorization", "Bearer " + this.accessToken);
		}
	};
	exports.AuthZAuthentication = AuthZAuthentication;
	var ApiKeyAuthAuthentication = class {
		constructor(apiKey) {
			this.apiKey = apiKey;
		}
		getName() {
			return "apiKeyAuth";
		}
		applySecurityAuthentication(context) {
			context.setHeaderParam("DD-API-KEY", this.apiKey);
		}
	};
	exports.ApiKeyAuthAuthentication = ApiKeyAuthAuthentication;
	var AppKeyAuthAuthentication = class {
		constructor(apiKey) {
			this.apiKey = apiKey;
		}
		getName() {
			return "appKeyAuth";
		}
		applySecurityAuthentication(context) {
			context.setHeaderParam("DD-APPLICATION-KEY", this.apiKey);
		}
	};
	exports.AppKeyAuthAuthentication = AppKeyAuthAuthentication;
	function configureAuthMethods(config) {
		const authMethods = {};
		if (!config) return authMethods;
		if (config["AuthZ"]) authMethods["AuthZ"] = new AuthZAuthentication(config["AuthZ"]["accessToken"]);
		if (config["apiKeyAuth"]) authMethods["apiKeyAuth"] = new ApiKeyAuthAuthentication(config["apiKeyAuth"]);
		if (config["appKeyAuth"]) authMethods["appKeyAuth"] = new AppKeyAuthAuthentication(config["appKeyAuth"]);
		return authMethods;
	}
	exports.configureAuthMethods = configureAuthMethods;
}));
// node_modules/@datadog/datadog-api-client/dist/logger.js
var require_logger = __commonJSMin(((exports) => {
	exports.logger = {
		debug() {},
		warn() {},
		error() {}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-common/configuration.js
var require_configuration = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.applySecurityAuthentication = exports.setServerVariables = exports.getServer = exports.createConfiguration = exports.Configuration = void 0;
	var isomorphic_fetch_1 = require_isomorphic_fetch();
	var servers_1 = require_servers();
	var auth_1 = require_auth();
	var logger_1 = require_logger();
	var Configuration = class {
		constructor(baseServer, serverIndex, operationServerIndices, httpApi, authMethods, httpConfig, debug, enableRetry, maxRetries, backoffBase, backoffMultiplier, unstableOperations, isIaC) {
			this.baseServer = baseServer;
			this.serverIndex = serverIndex;
			this.operationServerIndices = operationServerIndices;
			this.httpApi = httpApi;
			this.authMethods = authMethods;
			this.httpConfig = httpConfig;
			this.debug = debug;
			this.enableRetry = enableRetry;
			this.maxRetries = maxRetries;
			this.backoffBase = backoffBase;
			this.backoffMultiplier = backoffMultiplier;
			this.unstableOperations = unstableOperations;
			this.isIaC = isIaC;
			this.servers = [];
			for (const server of servers_1.servers) this.servers.push(server.clone());
			this.operationServers = {};
			for (const endpoint in servers_1.operationServers) {
				this.operationServers[endpoint] = [];
				for (const server of servers_1.operationServers[endpoint]) this.operationServers[endpoint].push(server.clone());
			}
			if (backoffBase && backoffBase < 2) throw new Error("Backoff base must be at least 2");
		}
		setServerVariables(serverVariables) {
			if (this.baseServer !== void 0) {
				this.baseServer.setVariables(serverVariables);
				return;
			}
			const index = this.serverIndex;
			this.servers[index].setVariables(serverVariables);
			for (const op in this.operationServers) {
				const index = op in this.operationServerIndices ? this.operationServerIndices[op] : this.serverIndex;
				this.operationServers[op][index].setVariables(serverVariables);
			}
		}
		getServer(endpoint) {
			if (this.baseServer !== void 0) return this.baseServer;
			const index = endpoint in this.operationServerIndices ? this.operationServerIndices[endpoint] : this.serverIndex;
			return endpoint in servers_1.operationServers ? this.operationServers[endpoint][index] : this.servers[index];
		}
	};
	exports.Configuration = Configuration;
	function createConfiguration(conf = {}) {
		if (typeof process !== "undefined" && process.env && process.env.DD_SITE) {
			servers_1.server1.getConfiguration();
			servers_1.server1.setVariables({ site: process.env.DD_SITE });
			for (const op in servers_1.operationServers) servers_1.operationServers[op][0].setVariables({ site: process.env.DD_SITE });
		}
		const authMethods = conf.authMethods || {};
		if (!("apiKeyAuth" in authMethods) && typeof process !== "undefined" && process.env && process.env.DD_API_KEY) authMethods["apiKeyAuth"] = process.env.DD_API_KEY;
		if (!("appKeyAuth" in authMethods) && typeof process !== "undefined" && process.env && process.env.DD_APP_KEY) authMethods["appKeyAuth"] = process.env.DD_APP_KEY;
		const configuration = new Configuration(conf.baseServer, conf.serverIndex || 0, conf.operationServerIndices || {}, conf.httpApi || new isomorphic_fetch_1.IsomorphicFetchHttpLibrary(), (0, auth_1.configureAuthMethods)(authMethods), conf.httpConfig || {}, conf.debug, conf.enableRetry || false, conf.maxRetries || 3, conf.backoffBase || 2, conf.backoffMultiplier || 2, {
			"v2.createFleetSchedule": false,
			"v2.deleteFleetSchedule": false,
			"v2.listFleetAgentTracers": false,
			"v2.listFleetTracers": false,
			"v2.triggerFleetSchedule": false,
			"v2.updateFleetSchedule": false,
			"v2.aggregateLLMObsExperimentation": false,
			"v2.batchUpdateLLMObsDataset": false,
			"v2.cloneLLMObsDataset": false,
			"v2.createLLMObsAnnotationQueue": false,
			"v2.createLLMObsAnnotationQueueInteractions": false,
			"v2.createLLMObsDataset": false,
			"v2.createLLMObsDatasetRecords": false,
			"v2.createLLMObsExperiment": false,
			"v2.createLLMObsExperimentEvents": false,
			"v2.createLLMObsIntegrationInference": false,
			"v2.createLLMObsProject": false,
			"v2.createLLMObsPrompt": false,
			"v2.createLLMObsPromptVersion": false,
			"v2.deleteLLMObsAnnotationQueue": false,
			"v2.deleteLLMObsAnnotationQueueInteractions": false,
			"v2.deleteLLMObsAnnotations": false,
			"v2.deleteLLMObsCustomEvalConfig": false,
			"v2.deleteLLMObsDatasetRecords": false,
			"v2.deleteLLMObsDatasets": false,
			"v2.deleteLLMObsExperiments": false,
			"v2.deleteLLMObsPatternsConfig": false,
			"v2.deleteLLMObsProjects": false,
			"v2.deleteLLMObsPrompt": false,
			"v2.exportLLMObsDataset": false,
			"v2.getLLMObsAnnotatedInteraction": false,
			"v2.getLLMObsAnnotatedInteractions": false,
			"v2.getLLMObsAnnotatedInteractionsByTraceIDs": false,
			"v2.getLLMObsAnnotationQueueLabelSchema": false,
			"v2.getLLMObsCustomEvalConfig": false,
			"v2.getLLMObsDatasetDraftState": false,
			"v2.getLLMObsPatternsConfig": false,
			"v2.getLLMObsPatternsRunStatus": false,
			"v2.getLLMObsPrompt": false,
			"v2.getLLMObsPromptVersion": false,
			"v2.listLLMObsAnnotationQueues": false,
			"v2.listLLMObsCustomEvalConfigs": false,
			"v2.listLLMObsDatasetRecords": false,
			"v2.listLLMObsDatasets": false,
			"v2.listLLMObsDatasetVersions": false,
			"v2.listLLMObsExperimentEvents": false,
			"v2.listLLMObsExperimentEventsV1": false,
			"v2.listLLMObsExperimentEventsV2": false,
			"v2.listLLMObsExperiments": false,
			"v2.listLLMObsIntegrationAccounts": false,
			"v2.listLLMObsIntegrationModels": false,
			"v2.listLLMObsPatternsClusteredPoints": false,
			"v2.listLLMObsPatternsConfigs": false,
			"v2.listLLMObsPatternsRuns": false,
			"v2.listLLMObsPatternsTopics": false,
			"v2.listLLMObsPatternsTopicsWithClusteredPoints": false,
			"v2.listLLMObsProjects": false,
			"v2.listLLMObsPrompts": false,
			"v2.listLLMObsPromptVersions": false,
			"v2.listLLMObsSpans": false,
			"v2.lockLLMObsDatasetDraftState": false,
			"v2.restoreLLMObsDatasetVersion": false,
			"v2.searchLLMObsExperimentation": false,
			"v2.searchLLMObsSpans": false,
			"v2.simpleSearchLLMObsExperimentation": false,
			"v2.triggerLLMObsPatterns": false,
			"v2.unlockLLMObsDatasetDraftState": false,
			"v2.updateLLMObsAnnotationQueue": false,
			"v2.updateLLMObsAnnotationQueueLabelSchema": false,
			"v2.updateLLMObsCustomEvalConfig": false,
			"v2.updateLLMObsDataset": false,
			"v2.updateLLMObsDatasetRecords": false,
			"v2.updateLLMObsExperiment": false,
			"v2.updateLLMObsProject": false,
			"v2.updateLLMObsPrompt": false,
			"v2.updateLLMObsPromptVersion": false,
			"v2.uploadLLMObsDatasetRecordsFile": false,
			"v2.upsertLLMObsAnnotations": false,
			"v2.upsertLLMObsPatternsConfig": false,
			"v2.createExecutionPolicy": false,
			"v2.deleteExecutionPolicy": false,
			"v2.getExecutionPolicy": false,
			"v2.listExecutionPolicies": false,
			"v2.updateExecutionPolicy": false,
			"v2.createAnnotation": false,
			"v2.deleteAnnotation": false,
			"v2.getPageAnnotations": false,
			"v2.listAnnotations": false,
			"v2.updateAnnotation": false,
			"v2.anonymizeUsers": false,
			"v2.validate": false,
			"v2.createOpenAPI": false,
			"v2.deleteOpenAPI": false,
			"v2.getOpenAPI": false,
			"v2.listAPIs": false,
			"v2.updateOpenAPI": false,
			"v2.getInvestigation": false,
			"v2.listInvestigations": false,
			"v2.triggerInvestigation": false,
			"v2.createChangeRequest": false,
			"v2.createChangeRequestBranch": false,
			"v2.deleteChangeRequestDecision": false,
			"v2.getChangeRequest": false,
			"v2.updateChangeRequest": false,
			"v2.updateChangeRequestDecision": false,
			"v2.createAWSCloudAuthPersonaMapping": false,
			"v2.deleteAWSCloudAuthPersonaMapping": false,
			"v2.getAWSCloudAuthPersonaMapping": false,
			"v2.listAWSCloudAuthPersonaMappings": false,
			"v2.activateContentPack": false,
			"v2.activateIntegration": false,
			"v2.batchGetSecurityMonitoringDatasetDependencies": false,
			"v2.bulkCreateSampleLogGenerationSubscriptions": false,
			"v2.bulkExportSecurityMonitoringTerraformResources": false,
			"v2.cancelHistoricalJob": false,
			"v2.convertJobResultToSignal": false,
			"v2.convertSecurityMonitoringTerraformResource": false,
			"v2.createIoCTriageState": false,
			"v2.createSampleLogGenerationSubscription": false,
			"v2.createSecurityFindingsAutomationDueDateRule": false,
			"v2.createSecurityFindingsAutomationInboxRule": false,
			"v2.createSecurityFindingsAutomationMuteRule": false,
			"v2.createSecurityFindingsAutomationSeverityModifierRule": false,
			"v2.createSecurityFindingsAutomationTicketCreationRule": false,
			"v2.createSecurityMonitoringDataset": false,
			"v2.createSecurityMonitoringIntegrationConfig": false,
			"v2.createStaticAnalysisAst": false,
			"v2.createStaticAnalysisServerAnalysis": false,
			"v2.deactivateContentPack": false,
			"v2.deactivateIntegration": false,
			"v2.deleteHistoricalJob": false,
			"v2.deleteSampleLogGenerationSubscription": false,
			"v2.deleteSecurityFindingsAutomationDueDateRule": false,
			"v2.deleteSecurityFindingsAutomationInboxRule": false,
			"v2.deleteSecurityFindingsAutomationMuteRule": false,
			"v2.deleteSecurityFindingsAutomationSeverityModifierRule": false,
			"v2.deleteSecurityFindingsAutomationTicketCreationRule": false,
			"v2.deleteSecurityMonitoringDataset": false,
			"v2.deleteSecurityMonitoringIntegrationConfig": false,
			"v2.disableSecurityFindingsAutomationDefaultInboxRule": false,
			"v2.enableSecurityFindingsAutomationDefaultInboxRule": false,
			"v2.exportSecurityMonitoringTerraformResource": false,
			"v2.getContentPacksStates": false,
			"v2.getEntityContext": false,
			"v2.getEntraIdAzureAppRegistrations": false,
			"v2.getFinding": false,
			"v2.getHistoricalJob": false,
			"v2.getIndicatorOfCompromise": false,
			"v2.getMatchingSignals": false,
			"v2.getRuleVersionHistory": false,
			"v2.getSecretsRules": false,
			"v2.getSecurityFindingsAutomationDefaultInboxRule": false,
			"v2.getSecurityFindingsAutomationDueDateRule": false,
			"v2.getSecurityFindingsAutomationInboxRule": false,
			"v2.getSecurityFindingsAutomationMuteRule": false,
			"v2.getSecurityFindingsAutomationSeverityModifierRule": false,
			"v2.getSecurityFindingsAutomationTicketCreationRule": false,
			"v2.getSecurityMonitoringDataset": false,
			"v2.getSecurityMonitoringDatasetByVersion": false,
			"v2.getSecurityMonitoringDatasetVersionHistory": false,
			"v2.getSecurityMonitoringHistsignal": false,
			"v2.getSecurityMonitoringHistsignalsByJobId": false,
			"v2.getSecurityMonitoringIntegrationConfig": false,
			"v2.getSignalEntities": false,
			"v2.getSingleEntityContext": false,
			"v2.getStaticAnalysisDefaultRulesets": false,
			"v2.getStaticAnalysisNodeTypes": false,
			"v2.getStaticAnalysisRuleset": false,
			"v2.getStaticAnalysisTreeSitterWasm": false,
			"v2.importSecurityVulnerabilities": false,
			"v2.listFindings": false,
			"v2.listHistoricalJobs": false,
			"v2.listIndicatorsOfCompromise": false,
			"v2.listMultipleRulesets": false,
			"v2.listSampleLogGenerationSubscriptions": false,
			"v2.listScannedAssetsMetadata": false,
			"v2.listSecurityFindingsAutomationDefaultInboxRules": false,
			"v2.listSecurityFindingsAutomationDueDateRules": false,
			"v2.listSecurityFindingsAutomationInboxRules": false,
			"v2.listSecurityFindingsAutomationMuteRules": false,
			"v2.listSecurityFindingsAutomationSeverityModifierRules": false,
			"v2.listSecurityFindingsAutomationTicketCreationRules": false,
			"v2.listSecurityMonitoringDatasets": false,
			"v2.listSecurityMonitoringHistsignals": false,
			"v2.listSecurityMonitoringIntegrationConfigs": false,
			"v2.listStaticAnalysisCodegenRulesets": false,
			"v2.listVulnerabilities": false,
			"v2.listVulnerableAssets": false,
			"v2.reorderSecurityFindingsAutomationDueDateRules": false,
			"v2.reorderSecurityFindingsAutomationInboxRules": false,
			"v2.reorderSecurityFindingsAutomationMuteRules": false,
			"v2.reorderSecurityFindingsAutomationSeverityModifierRules": false,
			"v2.reorderSecurityFindingsAutomationTicketCreationRules": false,
			"v2.restoreSecurityMonitoringRule": false,
			"v2.runHistoricalJob": false,
			"v2.searchSecurityMonitoringHistsignals": false,
			"v2.updateFindingsAssignee": false,
			"v2.updateSecurityFindingsAutomationDueDateRule": false,
			"v2.updateSecurityFindingsAutomationInboxRule": false,
			"v2.updateSecurityFindingsAutomationMuteRule": false,
			"v2.updateSecurityFindingsAutomationSeverityModifierRule": false,
			"v2.updateSecurityFindingsAutomationTicketCreationRule": false,
			"v2.updateSecurityMonitoringDataset": false,
			"v2.updateSecurityMonitoringIntegrationConfig": false,
			"v2.validateSecurityMonitoringIntegrationConfig": false,
			"v2.validateSecurityMonitoringIntegrationCredentials": false,
			"v2.getRuleBasedView": false,
			"v2.createUnitCost": false,
			"v2.deleteUnitCost": false,
			"v2.getCommitmentsCommitmentList": false,
			"v2.getCommitmentsCoverageScalar": false,
			"v2.getCommitmentsCoverageTimeseries": false,
			"v2.getCommitmentsOnDemandHotspotsScalar": false,
			"v2.getCommitmentsSavingsScalar": false,
			"v2.getCommitmentsSavingsTimeseries": false,
			"v2.getCommitmentsUtilizationScalar": false,
			"v2.getCommitmentsUtilizationTimeseries": false,
			"v2.getCostAnomaly": false,
			"v2.getCostTagMetadataCurrency": false,
			"v2.getUnitCost": false,
			"v2.listCostAnomalies": false,
			"v2.listCostTagKeySources": false,
			"v2.listCostTagMetadata": false,
			"v2.listCostTagMetadataMetrics": false,
			"v2.listCostTagMetadataMonths": false,
			"v2.listCostTagMetadataOrchestrators": false,
			"v2.listUnitCosts": false,
			"v2.searchCostRecommendations": false,
			"v2.updateUnitCost": false,
			"v2.createQuotas": false,
			"v2.deleteQuota": false,
			"v2.listQuotas": false,
			"v2.updateQuota": false,
			"v2.createOwnershipFeedback": false,
			"v2.getOwnershipEvidence": false,
			"v2.getOwnershipInference": false,
			"v2.getOwnershipSettings": false,
			"v2.getOwnershipUntaggedFindings": false,
			"v2.listOwnershipHistory": false,
			"v2.listOwnershipHistoryByOwnerType": false,
			"v2.listOwnershipInferences": false,
			"v2.postOwnershipSettings": false,
			"v2.getCSMAgentlessHostFacetInfo": false,
			"v2.getCSMUnifiedHostFacetInfo": false,
			"v2.listCSMAgentlessHostFacets": false,
			"v2.listCSMAgentlessHosts": false,
			"v2.listCSMUnifiedHostFacets": false,
			"v2.listCSMUnifiedHosts": false,
			"v2.listSharedDashboardsByDashboardId": false,
			"v2.createDashboardSecureEmbed": false,
			"v2.deleteDashboardSecureEmbed": false,
			"v2.getDashboardSecureEmbed": false,
			"v2.updateDashboardSecureEmbed": false,
			"v2.getDashboardUsage": false,
			"v2.listDashboardsUsage": false,
			"v2.getDataObservabilityMonitorRunStatus": false,
			"v2.runDataObservabilityMonitor": false,
			"v2.createDataset": false,
			"v2.deleteDataset": false,
			"v2.getAllDatasets": false,
			"v2.getDataset": false,
			"v2.updateDataset": false,
			"v2.createDeploymentGate": false,
			"v2.createDeploymentRule": false,
			"v2.deleteDeploymentGate": false,
			"v2.deleteDeploymentRule": false,
			"v2.getDeploymentGate": false,
			"v2.getDeploymentGateRules": false,
			"v2.getDeploymentGatesEvaluationResult": false,
			"v2.getDeploymentRule": false,
			"v2.listDeploymentGates": false,
			"v2.triggerDeploymentGatesEvaluation": false,
			"v2.updateDeploymentGate": false,
			"v2.updateDeploymentRule": false,
			"v2.patchDORADeploymentByVersion": false,
			"v2.cloneForm": false,
			"v2.createAndPublishForm": false,
			"v2.createForm": false,
			"v2.deleteForm": false,
			"v2.getForm": false,
			"v2.listForms": false,
			"v2.publishForm": false,
			"v2.updateForm": false,
			"v2.upsertAndPublishFormVersion": false,
			"v2.upsertFormVersion": false,
			"v2.updateOrgSamlConfigurations": false,
			"v2.getGovernanceConfig": false,
			"v2.getGovernanceControl": false,
			"v2.getGovernanceControlNotificationSettings": false,
			"v2.getGovernanceDetection": false,
			"v2.getGovernanceNotificationSettings": false,
			"v2.listGovernanceControlDetections": false,
			"v2.listGovernanceControls": false,
			"v2.listGovernanceInsights": false,
			"v2.mitigateGovernanceDetections": false,
			"v2.updateGovernanceControl": false,
			"v2.updateGovernanceControlNotificationSettings": false,
			"v2.updateGovernanceDetection": false,
			"v2.updateGovernanceNotificationSettings": false,
			"v2.createTagRule": false,
			"v2.deleteTagRule": false,
			"v2.getTagRule": false,
			"v2.getTagRuleScore": false,
			"v2.listTagRules": false,
			"v2.updateTagRule": false,
			"v2.createHamrOrgConnection": false,
			"v2.getHamrOrgConnection": false,
			"v2.deleteEntityIntegrationConfig": false,
			"v2.getEntityIntegrationConfig": false,
			"v2.updateEntityIntegrationConfig": false,
			"v2.createGlobalIncidentHandle": false,
			"v2.createIncident": false,
			"v2.createIncidentAttachment": false,
			"v2.createIncidentConfiguration": false,
			"v2.createIncidentGoogleChatConfiguration": false,
			"v2.createIncidentGoogleMeetConfiguration": false,
			"v2.createIncidentImpactField": false,
			"v2.createIncidentIntegration": false,
			"v2.createIncidentNotificationRule": false,
			"v2.createIncidentNotificationTemplate": false,
			"v2.createIncidentPostmortemAttachment": false,
			"v2.createIncidentPostmortemTemplate": false,
			"v2.createIncidentResponder": false,
			"v2.createIncidentRule": false,
			"v2.createIncidentServiceNowRecord": false,
			"v2.createIncidentTodo": false,
			"v2.createIncidentType": false,
			"v2.createIncidentUserDefinedField": false,
			"v2.createIncidentUserDefinedRole": false,
			"v2.createOnCallPageFromIncident": false,
			"v2.createPageFromIncident": false,
			"v2.createTimestampOverride": false,
			"v2.deleteGlobalIncidentHandle": false,
			"v2.deleteIncident": false,
			"v2.deleteIncidentAttachment": false,
			"v2.deleteIncidentImpactField": false,
			"v2.deleteIncidentIntegration": false,
			"v2.deleteIncidentNotificationRule": false,
			"v2.deleteIncidentNotificationTemplate": false,
			"v2.deleteIncidentPostmortemTemplate": false,
			"v2.deleteIncidentResponder": false,
			"v2.deleteIncidentRule": false,
			"v2.deleteIncidentTodo": false,
			"v2.deleteIncidentType": false,
			"v2.deleteIncidentUserDefinedField": false,
			"v2.deleteIncidentUserDefinedRole": false,
			"v2.deleteTimestampOverride": false,
			"v2.getGlobalIncidentSettings": false,
			"v2.getIncident": false,
			"v2.getIncidentAIPostmortem": false,
			"v2.getIncidentIntegration": false,
			"v2.getIncidentNotificationRule": false,
			"v2.getIncidentNotificationTemplate": false,
			"v2.getIncidentPostmortemTemplate": false,
			"v2.getIncidentResponder": false,
			"v2.getIncidentRule": false,
			"v2.getIncidentTodo": false,
			"v2.getIncidentType": false,
			"v2.getIncidentUserDefinedField": false,
			"v2.getIncidentUserDefinedRole": false,
			"v2.getOrgSettingsByIncidentType": false,
			"v2.importIncident": false,
			"v2.linkPageToIncident": false,
			"v2.listGlobalIncidentHandles": false,
			"v2.listIncidentAttachments": false,
			"v2.listIncidentImpactFields": false,
			"v2.listIncidentIntegrations": false,
			"v2.listIncidentNotificationRules": false,
			"v2.listIncidentNotificationTemplates": false,
			"v2.listIncidentPostmortemTemplates": false,
			"v2.listIncidentResponders": false,
			"v2.listIncidentRules": false,
			"v2.listIncidents": false,
			"v2.listIncidentTodos": false,
			"v2.listIncidentTypes": false,
			"v2.listIncidentUserDefinedFields": false,
			"v2.listIncidentUserDefinedRoles": false,
			"v2.listOrgSettings": false,
			"v2.listTimestampOverrides": false,
			"v2.patchIncidentImpact": false,
			"v2.searchIncidents": false,
			"v2.updateGlobalIncidentHandle": false,
			"v2.updateGlobalIncidentSettings": false,
			"v2.updateIncident": false,
			"v2.updateIncidentAttachment": false,
			"v2.updateIncidentConfiguration": false,
			"v2.updateIncidentGoogleChatConfiguration": false,
			"v2.updateIncidentGoogleMeetConfiguration": false,
			"v2.updateIncidentImpactField": false,
			"v2.updateIncidentIntegration": false,
			"v2.updateIncidentNotificationRule": false,
			"v2.updateIncidentNotificationTemplate": false,
			"v2.updateIncidentPostmortemTemplate": false,
			"v2.updateIncidentRule": false,
			"v2.updateIncidentTodo": false,
			"v2.updateIncidentType": false,
			"v2.updateIncidentUserDefinedField": false,
			"v2.updateIncidentUserDefinedRole": false,
			"v2.updateTimestampOverride": false,
			"v2.createDatabricksIntegrationAccount": false,
			"v2.deleteDatabricksIntegrationAccount": false,
			"v2.getDatabricksIntegrationAccount": false,
			"v2.listDatabricksIntegrationAccounts": false,
			"v2.updateDatabricksIntegrationAccount": false,
			"v2.createElasticCloudIntegrationAccount": false,
			"v2.deleteElasticCloudIntegrationAccount": false,
			"v2.getElasticCloudIntegrationAccount": false,
			"v2.listElasticCloudIntegrationAccounts": false,
			"v2.updateElasticCloudIntegrationAccount": false,
			"v2.createSnowflakeIntegrationAccount": false,
			"v2.deleteSnowflakeIntegrationAccount": false,
			"v2.getSnowflakeIntegrationAccount": false,
			"v2.listSnowflakeIntegrationAccounts": false,
			"v2.updateSnowflakeIntegrationAccount": false,
			"v2.createTwilioIntegrationAccount": false,
			"v2.deleteTwilioIntegrationAccount": false,
			"v2.getTwilioIntegrationAccount": false,
			"v2.listTwilioIntegrationAccounts": false,
			"v2.updateTwilioIntegrationAccount": false,
			"v2.createAWSAccountCCMConfig": false,
			"v2.deleteAWSAccountCCMConfig": false,
			"v2.getAWSAccountCCMConfig": false,
			"v2.getAWSMetricNameFilterPreview": false,
			"v2.previewAWSMetricNameFilter": false,
			"v2.updateAWSAccountCCMConfig": false,
			"v2.validateAWSCCMConfig": false,
			"v2.createJiraIssueTemplate": false,
			"v2.deleteJiraAccount": false,
			"v2.deleteJiraIssueTemplate": false,
			"v2.getJiraIssueTemplate": false,
			"v2.listJiraAccounts": false,
			"v2.listJiraIssueTemplates": false,
			"v2.updateJiraIssueTemplate": false,
			"v2.addRoleToRestrictionQuery": false,
			"v2.createRestrictionQuery": false,
			"v2.deleteRestrictionQuery": false,
			"v2.getRestrictionQuery": false,
			"v2.getRoleRestrictionQuery": false,
			"v2.listRestrictionQueries": false,
			"v2.listRestrictionQueryRoles": false,
			"v2.listUserRestrictionQueries": false,
			"v2.removeRoleFromRestrictionQuery": false,
			"v2.replaceRestrictionQuery": false,
			"v2.updateRestrictionQuery": false,
			"v2.createHistoricalMetricsConfiguration": false,
			"v2.createTagIndexingRule": false,
			"v2.createTagIndexingRuleExemption": false,
			"v2.deleteHistoricalMetricsConfiguration": false,
			"v2.deleteTagIndexingRule": false,
			"v2.deleteTagIndexingRuleExemption": false,
			"v2.getHistoricalMetricsConfiguration": false,
			"v2.getTagIndexingRule": false,
			"v2.getTagIndexingRuleExemption": false,
			"v2.listTagIndexingRules": false,
			"v2.listTagIndexingRulesForMetric": false,
			"v2.reorderTagIndexingRules": false,
			"v2.updateTagIndexingRule": false,
			"v2.deleteModelLabRun": false,
			"v2.getModelLabArtifactContent": false,
			"v2.getModelLabProject": false,
			"v2.getModelLabRun": false,
			"v2.listModelLabProjectArtifacts": false,
			"v2.listModelLabProjectFacetKeys": false,
			"v2.listModelLabProjectFacetValues": false,
			"v2.listModelLabProjects": false,
			"v2.listModelLabRunArtifacts": false,
			"v2.listModelLabRunFacetKeys": false,
			"v2.listModelLabRunFacetValues": false,
			"v2.listModelLabRuns": false,
			"v2.pinModelLabRun": false,
			"v2.starModelLabProject": false,
			"v2.unpinModelLabRun": false,
			"v2.unstarModelLabProject": false,
			"v2.createMonitorUserTemplate": false,
			"v2.deleteMonitorUserTemplate": false,
			"v2.getMonitorUserTemplate": false,
			"v2.listMonitorUserTemplates": false,
			"v2.updateMonitorUserTemplate": false,
			"v2.validateExistingMonitorUserTemplate": false,
			"v2.validateMonitorUserTemplate": false,
			"v2.listNetworkHealthInsights": false,
			"v2.deleteScopesRestriction": false,
			"v2.getOAuth2WellKnownSites": false,
			"v2.getOIDCDiscoveryDocument": false,
			"v2.getScopesRestriction": false,
			"v2.registerOAuthClient": false,
			"v2.upsertScopesRestriction": false,
			"v2.disableCustomerOrg": false,
			"v2.bulkUpdateOrgGroupMemberships": false,
			"v2.createOrgGroup": false,
			"v2.createOrgGroupPolicy": false,
			"v2.createOrgGroupPolicyOverride": false,
			"v2.deleteOrgGroup": false,
			"v2.deleteOrgGroupPolicy": false,
			"v2.deleteOrgGroupPolicyOverride": false,
			"v2.getOrgGroup": false,
			"v2.getOrgGroupMembership": false,
			"v2.getOrgGroupPolicy": false,
			"v2.getOrgGroupPolicyOverride": false,
			"v2.listOrgGroupMemberships": false,
			"v2.listOrgGroupPolicies": false,
			"v2.listOrgGroupPolicyConfigs": false,
			"v2.listOrgGroupPolicyOverrides": false,
			"v2.listOrgGroupPolicySuggestions": false,
			"v2.listOrgGroups": false,
			"v2.updateOrgGroup": false,
			"v2.updateOrgGroupMembership": false,
			"v2.updateOrgGroupPolicy": false,
			"v2.updateOrgGroupPolicyOverride": false,
			"v2.listRoleTemplates": false,
			"v2.queryProductAnalyticsJourneyFunnel": false,
			"v2.queryProductAnalyticsJourneyList": false,
			"v2.queryProductAnalyticsJourneyScalar": false,
			"v2.queryProductAnalyticsJourneyTimeseries": false,
			"v2.queryProductAnalyticsList": false,
			"v2.queryProductAnalyticsRetentionGrid": false,
			"v2.queryProductAnalyticsRetentionList": false,
			"v2.queryProductAnalyticsRetentionScalar": false,
			"v2.queryProductAnalyticsRetentionTimeseries": false,
			"v2.queryProductAnalyticsSankey": false,
			"v2.createConnection": false,
			"v2.deleteConnection": false,
			"v2.getAccountFacetInfo": false,
			"v2.getMapping": false,
			"v2.getUserFacetInfo": false,
			"v2.listConnections": false,
			"v2.queryAccounts": false,
			"v2.queryEventFilteredUsers": false,
			"v2.queryUsers": false,
			"v2.updateConnection": false,
			"v2.listProductCatalogSKUs": false,
			"v2.getPrunedTraceByID": false,
			"v2.getTraceByID": false,
			"v2.getAsmServiceByName": false,
			"v2.getRumSdkConfig": false,
			"v2.updateRumSdkConfig": false,
			"v2.createReportSchedule": false,
			"v2.patchReportSchedule": false,
			"v2.deleteSourcemaps": false,
			"v2.getServiceRepositoryInfo": false,
			"v2.getSourcemaps": false,
			"v2.listSourcemaps": false,
			"v2.restoreSourcemaps": false,
			"v2.createExclusionFilter": false,
			"v2.deleteExclusionFilter": false,
			"v2.getExclusionFilter": false,
			"v2.listExclusionFilters": false,
			"v2.updateExclusionFilter": false,
			"v2.createRumConfig": false,
			"v2.getRumConfig": false,
			"v2.updateRumConfig": false,
			"v2.createTeamsOwnershipMapping": false,
			"v2.createTeamsOwnershipMappingsBatch": false,
			"v2.deleteTeamsOwnershipMapping": false,
			"v2.getTeamsOwnershipMapping": false,
			"v2.listTeamsOwnershipMappings": false,
			"v2.listTeamsOwnershipRules": false,
			"v2.createRUMOperation": false,
			"v2.createRUMOperationStrongLink": false,
			"v2.deleteRUMOperation": false,
			"v2.deleteRUMOperationStrongLink": false,
			"v2.getRUMOperation": false,
			"v2.getRUMOperationByName": false,
			"v2.listRUMOperations": false,
			"v2.updateRUMOperation": false,
			"v2.updateRUMOperationStrongLink": false,
			"v2.queryAggregatedLongTasks": false,
			"v2.queryAggregatedSignalsProblems": false,
			"v2.queryAggregatedWaterfall": false,
			"v2.createScorecardOutcomesBatch": false,
			"v2.getEntityRiskScore": false,
			"v2.listEntityRiskScores": false,
			"v2.addSTIXThreatIntel": false,
			"v2.createSLOReportJob": false,
			"v2.getSLOReport": false,
			"v2.getSLOReportJobStatus": false,
			"v2.getSloStatus": false,
			"v2.createSnapshot": false,
			"v2.getSPARecommendations": false,
			"v2.getSPARecommendationsWithShard": false,
			"v2.createAiCustomRule": false,
			"v2.createAiCustomRuleRevision": false,
			"v2.createAiCustomRuleset": false,
			"v2.createAiMemoryViolationResult": false,
			"v2.createCustomRule": false,
			"v2.createCustomRuleRevision": false,
			"v2.createCustomRuleset": false,
			"v2.createSCAResolveVulnerableSymbols": false,
			"v2.createSCAResult": false,
			"v2.createSCAScan": false,
			"v2.deleteAiCustomRule": false,
			"v2.deleteAiCustomRuleset": false,
			"v2.deleteAiMemoryViolationResult": false,
			"v2.deleteCustomRule": false,
			"v2.deleteCustomRuleset": false,
			"v2.getAiCustomRule": false,
			"v2.getAiCustomRuleRevision": false,
			"v2.getAiCustomRuleset": false,
			"v2.getCustomRule": false,
			"v2.getCustomRuleRevision": false,
			"v2.getCustomRuleset": false,
			"v2.getSCAScan": false,
			"v2.listAiCustomRuleRevisions": false,
			"v2.listAiCustomRulesets": false,
			"v2.listAiMemoryViolationResults": false,
			"v2.listAiPrompts": false,
			"v2.listCustomRuleRevisions": false,
			"v2.listCustomRulesets": false,
			"v2.listSCALicenses": false,
			"v2.revertCustomRuleRevision": false,
			"v2.updateAiCustomRuleset": false,
			"v2.updateCustomRuleset": false,
			"v2.addMemberTeam": false,
			"v2.listMemberTeams": false,
			"v2.removeMemberTeam": false,
			"v2.createTimeseriesAnomalyInvestigation": false,
			"v2.createWebIntegrationAccount": false,
			"v2.deleteWebIntegrationAccount": false,
			"v2.getWebIntegrationAccount": false,
			"v2.listWebIntegrationAccounts": false,
			"v2.updateWebIntegrationAccount": false
		}, conf.isIaC || false);
		configuration.httpApi.zstdCompressorCallback = conf.zstdCompressorCallback;
		configuration.httpApi.debug = configuration.debug;
		configuration.httpApi.enableRetry = configuration.enableRetry;
		configuration.httpApi.maxRetries = configuration.maxRetries;
		configuration.httpApi.backoffBase = configuration.backoffBase;
		configuration.httpApi.backoffMultiplier = configuration.backoffMultiplier;
		configuration.httpApi.fetch = conf.fetch;
		return configuration;
	}
	exports.createConfiguration = createConfiguration;
	function getServer(conf, endpoint) {
		logger_1.logger.warn("getServer is deprecated, please use Configuration.getServer instead.");
		return conf.getServer(endpoint);
	}
	exports.getServer = getServer;
	function setServerVariables(conf, serverVariables) {
		logger_1.logger.warn("setServerVariables is deprecated, please use Configuration.setServerVariables instead.");
		return conf.setServerVariables(serverVariables);
	}
	exports.setServerVariables = setServerVariables;
	function applySecurityAuthentication(conf, requestContext, authMethods) {
		for (const authMethodName of authMethods) {
			const authMethod = conf.authMethods[authMethodName];
			if (authMethod) authMethod.applySecurityAuthentication(requestContext);
		}
	}
	exports.applySecurityAuthentication = applySecurityAuthentication;
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/apis/AuthenticationApi.js
var require_AuthenticationApi = __commonJSMin(((exports, module, this$9) => {
	var __awaiter = this$9 && this$9.__awaiter || function(thisArg, _arguments, P, generator) {
		function adopt(value) {
			return value instanceof P ? value : new P(function(resolve) {
				resolve(value);
			});
		}
		return new (P || (P = Promise))(function(resolve, reject) {
			function fulfilled(value) {
				try {
					step(generator.next(value));
				} catch (e) {
					reject(e);
				}
			}
			function rejected(value) {
				try {
					step(generator["throw"](value));
				} catch (e) {
					reject(e);
				}
			}
			function step(result) {
				result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
			}
			step((generator = generator.apply(thisArg, _arguments || [])).next());
		});
	};
	Object.defineProperty(exports, "__esModule", { value: true });
	var baseapi_1 = require_baseapi();
	var configuration_1 = require_configuration();
	var http_1 = require_http();
	var AuthenticationApiRequestFactory = class extends baseapi_1.BaseAPIRequestFactory {
		validate(_options) {
			return __awaiter(this, void 0, void 0, function* () {
				const _config = _options || this.configuration;
				const requestContext = _config.getServer("v1.AuthenticationApi.validate").makeRequestContext("/api/v1/validate", http_1.HttpMethod.GET);
				requestContext.setHeaderParam("Accept", "application/json");
				requestContext.setHttpConfig(_config.httpConfig);
				if (_config.isIaC) requestContext.setHeaderParam("X-Datadog-Managed-By", "iac");
				(0, configuration_1.applySecurityAuthentication)(_config, requestContext, ["apiKeyAuth"]);
				return requestContext;
			});
		}
	};
	exports.AuthenticationApiRequestFactory = AuthenticationApiRequestFactory;
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/models/ObjectSerializer.js
var require_ObjectSerializer$1 = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.ObjectSerializer = void 0;
	var util_1 = require_util();
	var logger_1 = require_logger();
	var primitives = [
		"string",
		"boolean",
		"double",
		"integer",
		"long",
		"float",
		"number"
	];
	var ARRAY_PREFIX = "Array<";
	var MAP_PREFIX = "{ [key: string]: ";
	var TUPLE_PREFIX = "[";
	var supportedMediaTypes = {
		"application/json": Infinity,
		"text/json": 100,
		"application/octet-stream": 0
	};
	var enumsMap = {};
	var typeMap = {};
	var oneOfMap = {};
	exports.ObjectSerializer = class ObjectSerializer {
		static serialize(data, type, format) {
			if (data == void 0 || type == "any") return data;
			else if (data instanceof util_1.UnparsedObject) return data._data;
			else if (primitives.includes(type.toLowerCase()) && typeof data == type.toLowerCase()) return data;
			else if (type.startsWith(ARRAY_PREFIX)) {
				if (!Array.isArray(data)) throw new TypeError(`mismatch types '${data}' and '${type}'`);
				const subType = type.substring(6, type.length - 1);
				const transformedData = [];
				for (const element of data) transformedData.push(ObjectSerializer.serialize(element, subType, format));
				return transformedData;
			} else if (type.startsWith(TUPLE_PREFIX)) {
				const subType = type.substring(1, type.length - 1).split(", ")[0];
				const transformedData = [];
				for (const element of data) transformedData.push(ObjectSerializer.serialize(element, subType, format));
				return transformedData;
			} else if (type.startsWith(MAP_PREFIX)) {
				const subType = type.substring(17, type.length - 3);
				const transformedData = {};
				for (const key in data) transformedData[key] = ObjectSerializer.serialize(data[key], subType, format);
				return transformedData;
			} else if (type === "Date") {
				if ("string" == typeof data) return data;
				if (format == "date" || format == "date-time") return (0, util_1.dateToRFC3339String)(data);
				else return data.toISOString();
			} else {
				if (enumsMap[type]) {
					if (enumsMap[type].includes(data)) return data;
					throw new TypeError(`unknown enum value '${data}'`);
				}
				if (oneOfMap[type]) {
					const oneOfs = [];
					for (const oneOf of oneOfMap[type]) try {
						oneOfs.push(ObjectSerializer.serialize(data, oneOf, format));
					} catch (e) {
						logger_1.logger.debug(`could not serialize ${oneOf} (${e})`);
					}
					if (oneOfs.length > 1) throw new TypeError(`${data} matches multiple types from ${oneOfMap[type]} ${oneOfs}`);
					if (oneOfs.length == 0) throw new TypeError(`${data} doesn't match any type from ${oneOfMap[type]} ${oneOfs}`);
					return oneOfs[0];
				}
				if (!typeMap[type]) throw new TypeError(`unknown type '${type}'`);
				const attributesMap = typeMap[type].getAttributeTypeMap();
				const instance = {};
				for (const k of Object.keys(data)) {
					if (k === "_unparsed" || k === "additionalProperties") continue;
					if (!(k in attributesMap) && !("additionalProperties" in attributesMap)) throw new Error("unexpected attribute " + k + " of type " + type);
				}
				for (const attributeName of Object.keys(attributesMap)) {
					if (attributeName === "additionalProperties") continue;
					if (!(attributeName in data)) continue;
					if (data[attributeName] === void 0) continue;
					const attributeObj = attributesMap[attributeName];
					instance[attributeObj.baseName] = ObjectSerializer.serialize(data[attributeName], attributeObj.type, attributeObj.format);
				}
				if (data.additionalProperties) {
					const additionalPropertiesMap = attributesMap["additionalProperties"];
					if (additionalPropertiesMap) {
						const additionalProperties = ObjectSerializer.serialize(data.additionalProperties, additionalPropertiesMap.type, additionalPropertiesMap.format);
						for (const key in additionalProperties) instance[key] = additionalProperties[key];
					} else throw new Error(`additionalProperties found in ${type}`);
				}
				for (const attributeName in attributesMap) {
					const attributeObj = attributesMap[attributeName];
					if ((attributeObj === null || attributeObj === void 0 ? void 0 : attributeObj.required) && instance[attributeObj.baseName] === void 0) throw new Error(`missing required property '${attributeObj.baseName}'`);
				}
				return instance;
			}
		}
		static normalizeMediaType(mediaType) {
			if (mediaType === void 0) return;
			return mediaType.split(";")[0].trim().toLowerCase();
		}
		static getPreferredMediaType(mediaTypes) {
			if (!mediaTypes) return "application/json";
			const normalMediaTypes = mediaTypes.map(this.normalizeMediaType);
			let selectedMediaType = void 0;
			let selectedRank = -Infinity;
			for (const mediaType of normalMediaTypes) {
				if (mediaType === void 0) continue;
				const supported = supportedMediaTypes[mediaType];
				if (supported !== void 0 && supported > selectedRank) {
					selectedMediaType = mediaType;
					selectedRank = supported;
				}
			}
			if (selectedMediaType === void 0) throw new Error("None of the given media types are supported: " + mediaTypes.join(", "));
			return selectedMediaType;
		}
		static stringify(data, mediaType) {
			if (mediaType === "application/json" || mediaType === "text/json") return JSON.stringify(data);
			throw new Error("The mediaType " + mediaType + " is not supported by ObjectSerializer.stringify.");
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/apis/MetricsApi.js
var require_MetricsApi$1 = __commonJSMin(((exports, module, this$8) => {
	var __awaiter = this$8 && this$8.__awaiter || function(thisArg, _arguments, P, generator) {
		function adopt(value) {
			return value instanceof P ? value : new P(function(resolve) {
				resolve(value);
			});
		}
		return new (P || (P = Promise))(function(resolve, reject) {
			function fulfilled(value) {
				try {
					step(generator.next(value));
				} catch (e) {
					reject(e);
				}
			}
			function rejected(value) {
				try {
					step(generator["throw"](value));
				} catch (e) {
					reject(e);
				}
			}
			function step(result) {
				result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
			}
			step((generator = generator.apply(thisArg, _arguments || [])).next());
		});
	};
	Object.defineProperty(exports, "__esModule", { value: true });
	var baseapi_1 = require_baseapi();
	var configuration_1 = require_configuration();
	var http_1 = require_http();
	var ObjectSerializer_1 = require_ObjectSerializer$1();
	var MetricsApiRequestFactory = class extends baseapi_1.BaseAPIRequestFactory {
		listActiveMetrics(from, host, tagFilter, _options) {
			return __awaiter(this, void 0, void 0, function* () {
				const _config = _options || this.configuration;
				if (from === null || from === void 0) throw new baseapi_1.RequiredError("from", "listActiveMetrics");
				const requestContext = _config.getServer("v1.MetricsApi.listActiveMetrics").makeRequestContext("/api/v1/metrics", http_1.HttpMethod.GET);
				requestContext.setHeaderParam("Accept", "application/json");
				requestContext.setHttpConfig(_config.httpConfig);
				if (_config.isIaC) requestContext.setHeaderParam("X-Datadog-Managed-By", "iac");
				if (from !== void 0) requestContext.setQueryParam("from", ObjectSerializer_1.ObjectSerializer.serialize(from, "number", "int64"), "");
				if (host !== void 0) requestContext.setQueryParam("host", ObjectSerializer_1.ObjectSerializer.serialize(host, "string", ""), "");
				if (tagFilter !== void 0) requestContext.setQueryParam("tag_filter", ObjectSerializer_1.ObjectSerializer.serialize(tagFilter, "string", ""), "");
				(0, configuration_1.applySecurityAuthentication)(_config, requestContext, [
					"apiKeyAuth",
					"appKeyAuth",
					"AuthZ"
				]);
				return requestContext;
			});
		}
	};
	exports.MetricsApiRequestFactory = MetricsApiRequestFactory;
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/apis/MonitorsApi.js
var require_MonitorsApi = __commonJSMin(((exports, module, this$7) => {
	var __awaiter = this$7 && this$7.__awaiter || function(thisArg, _arguments, P, generator) {
		function adopt(value) {
			return value instanceof P ? value : new P(function(resolve) {
				resolve(value);
			});
		}
		return new (P || (P = Promise))(function(resolve, reject) {
			function fulfilled(value) {
				try {
					step(generator.next(value));
				} catch (e) {
					reject(e);
				}
			}
			function rejected(value) {
				try {
					step(generator["throw"](value));
				} catch (e) {
					reject(e);
				}
			}
			function step(result) {
				result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
			}
			step((generator = generator.apply(thisArg, _arguments || [])).next());
		});
	};
	var __await = this$7 && this$7.__await || function(v) {
		return this instanceof __await ? (this.v = v, this) : new __await(v);
	};
	this$7 && this$7.__asyncGenerator;
	Object.defineProperty(exports, "__esModule", { value: true });
	var baseapi_1 = require_baseapi();
	var configuration_1 = require_configuration();
	var http_1 = require_http();
	var ObjectSerializer_1 = require_ObjectSerializer$1();
	var MonitorsApiRequestFactory = class extends baseapi_1.BaseAPIRequestFactory {
		listMonitors(groupStates, name, tags, monitorTags, withDowntimes, idOffset, page, pageSize, _options) {
			return __awaiter(this, void 0, void 0, function* () {
				const _config = _options || this.configuration;
				const requestContext = _config.getServer("v1.MonitorsApi.listMonitors").makeRequestContext("/api/v1/monitor", http_1.HttpMethod.GET);
				requestContext.setHeaderParam("Accept", "application/json");
				requestContext.setHttpConfig(_config.httpConfig);
				if (_config.isIaC) requestContext.setHeaderParam("X-Datadog-Managed-By", "iac");
				if (groupStates !== void 0) requestContext.setQueryParam("group_states", ObjectSerializer_1.ObjectSerializer.serialize(groupStates, "string", ""), "");
				if (name !== void 0) requestContext.setQueryParam("name", ObjectSerializer_1.ObjectSerializer.serialize(name, "string", ""), "");
				if (tags !== void 0) requestContext.setQueryParam("tags", ObjectSerializer_1.ObjectSerializer.serialize(tags, "string", ""), "");
				if (monitorTags !== void 0) requestContext.setQueryParam("monitor_tags", ObjectSerializer_1.ObjectSerializer.serialize(monitorTags, "string", ""), "");
				if (withDowntimes !== void 0) requestContext.setQueryParam("with_downtimes", ObjectSerializer_1.ObjectSerializer.serialize(withDowntimes, "boolean", ""), "");
				if (idOffset !== void 0) requestContext.setQueryParam("id_offset", ObjectSerializer_1.ObjectSerializer.serialize(idOffset, "number", "int64"), "");
				if (page !== void 0) requestContext.setQueryParam("page", ObjectSerializer_1.ObjectSerializer.serialize(page, "number", "int64"), "");
				if (pageSize !== void 0) requestContext.setQueryParam("page_size", ObjectSerializer_1.ObjectSerializer.serialize(pageSize, "number", "int32"), "");
				(0, configuration_1.applySecurityAuthentication)(_config, requestContext, [
					"apiKeyAuth",
					"appKeyAuth",
					"AuthZ"
				]);
				return requestContext;
			});
		}
	};
	exports.MonitorsApiRequestFactory = MonitorsApiRequestFactory;
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/ApmDependencyStatsQuery.js
var require_ApmDependencyStatsQuery = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.ApmDependencyStatsQuery = void 0;
	var ApmDependencyStatsQuery = class ApmDependencyStatsQuery {
		constructor() {}
		static getAttributeTypeMap() {
			return ApmDependencyStatsQuery.attributeTypeMap;
		}
	};
	exports.ApmDependencyStatsQuery = ApmDependencyStatsQuery;
	ApmDependencyStatsQuery.attributeTypeMap = {
		crossOrgUuids: {
			baseName: "cross_org_uuids",
			type: "Array<string>"
		},
		dataSource: {
			baseName: "data_source",
			type: "ApmDependencyStatsDataSource",
			required: true
		},
		env: {
			baseName: "env",
			type: "string",
			required: true
		},
		isUpstream: {
			baseName: "is_upstream",
			type: "boolean"
		},
		name: {
			baseName: "name",
			type: "string",
			required: true
		},
		operationName: {
			baseName: "operation_name",
			type: "string",
			required: true
		},
		primaryTagName: {
			baseName: "primary_tag_name",
			type: "string"
		},
		primaryTagValue: {
			baseName: "primary_tag_value",
			type: "string"
		},
		resourceName: {
			baseName: "resource_name",
			type: "string",
			required: true
		},
		service: {
			baseName: "service",
			type: "string",
			required: true
		},
		stat: {
			baseName: "stat",
			type: "ApmDependencyStatName",
			required: true
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/ApmMetricsQuery.js
var require_ApmMetricsQuery = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.ApmMetricsQuery = void 0;
	var ApmMetricsQuery = class ApmMetricsQuery {
		constructor() {}
		static getAttributeTypeMap() {
			return ApmMetricsQuery.attributeTypeMap;
		}
	};
	exports.ApmMetricsQuery = ApmMetricsQuery;
	ApmMetricsQuery.attributeTypeMap = {
		crossOrgUuids: {
			baseName: "cross_org_uuids",
			type: "Array<string>"
		},
		dataSource: {
			baseName: "data_source",
			type: "ApmMetricsDataSource",
			required: true
		},
		groupBy: {
			baseName: "group_by",
			type: "Array<string>"
		},
		name: {
			baseName: "name",
			type: "string",
			required: true
		},
		operationMode: {
			baseName: "operation_mode",
			type: "string"
		},
		operationName: {
			baseName: "operation_name",
			type: "string"
		},
		peerTags: {
			baseName: "peer_tags",
			type: "Array<string>"
		},
		queryFilter: {
			baseName: "query_filter",
			type: "string"
		},
		resourceHash: {
			baseName: "resource_hash",
			type: "string"
		},
		resourceName: {
			baseName: "resource_name",
			type: "string"
		},
		service: {
			baseName: "service",
			type: "string"
		},
		spanKind: {
			baseName: "span_kind",
			type: "ApmMetricsSpanKind"
		},
		stat: {
			baseName: "stat",
			type: "ApmMetricsStat",
			required: true
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/ApmResourceStatsQuery.js
var require_ApmResourceStatsQuery = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.ApmResourceStatsQuery = void 0;
	var ApmResourceStatsQuery = class ApmResourceStatsQuery {
		constructor() {}
		static getAttributeTypeMap() {
			return ApmResourceStatsQuery.attributeTypeMap;
		}
	};
	exports.ApmResourceStatsQuery = ApmResourceStatsQuery;
	ApmResourceStatsQuery.attributeTypeMap = {
		crossOrgUuids: {
			baseName: "cross_org_uuids",
			type: "Array<string>"
		},
		dataSource: {
			baseName: "data_source",
			type: "ApmResourceStatsDataSource",
			required: true
		},
		env: {
			baseName: "env",
			type: "string",
			required: true
		},
		groupBy: {
			baseName: "group_by",
			type: "Array<string>"
		},
		name: {
			baseName: "name",
			type: "string",
			required: true
		},
		operationName: {
			baseName: "operation_name",
			type: "string"
		},
		primaryTagName: {
			baseName: "primary_tag_name",
			type: "string"
		},
		primaryTagValue: {
			baseName: "primary_tag_value",
			type: "string"
		},
		resourceName: {
			baseName: "resource_name",
			type: "string"
		},
		service: {
			baseName: "service",
			type: "string",
			required: true
		},
		stat: {
			baseName: "stat",
			type: "ApmResourceStatName",
			required: true
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/ContainerTimeseriesQuery.js
var require_ContainerTimeseriesQuery = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.ContainerTimeseriesQuery = void 0;
	var ContainerTimeseriesQuery = class ContainerTimeseriesQuery {
		constructor() {}
		static getAttributeTypeMap() {
			return ContainerTimeseriesQuery.attributeTypeMap;
		}
	};
	exports.ContainerTimeseriesQuery = ContainerTimeseriesQuery;
	ContainerTimeseriesQuery.attributeTypeMap = {
		crossOrgUuids: {
			baseName: "cross_org_uuids",
			type: "Array<string>"
		},
		dataSource: {
			baseName: "data_source",
			type: "ContainerDataSource",
			required: true
		},
		isNormalizedCpu: {
			baseName: "is_normalized_cpu",
			type: "boolean"
		},
		limit: {
			baseName: "limit",
			type: "number",
			format: "int64"
		},
		metric: {
			baseName: "metric",
			type: "string",
			required: true
		},
		name: {
			baseName: "name",
			type: "string",
			required: true
		},
		sort: {
			baseName: "sort",
			type: "QuerySortOrder"
		},
		tagFilters: {
			baseName: "tag_filters",
			type: "Array<string>"
		},
		textFilter: {
			baseName: "text_filter",
			type: "string"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/EventsCompute.js
var require_EventsCompute = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.EventsCompute = void 0;
	var EventsCompute = class EventsCompute {
		constructor() {}
		static getAttributeTypeMap() {
			return EventsCompute.attributeTypeMap;
		}
	};
	exports.EventsCompute = EventsCompute;
	EventsCompute.attributeTypeMap = {
		aggregation: {
			baseName: "aggregation",
			type: "EventsAggregation",
			required: true
		},
		interval: {
			baseName: "interval",
			type: "number",
			format: "int64"
		},
		metric: {
			baseName: "metric",
			type: "string"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/EventsGroupBy.js
var require_EventsGroupBy = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.EventsGroupBy = void 0;
	var EventsGroupBy = class EventsGroupBy {
		constructor() {}
		static getAttributeTypeMap() {
			return EventsGroupBy.attributeTypeMap;
		}
	};
	exports.EventsGroupBy = EventsGroupBy;
	EventsGroupBy.attributeTypeMap = {
		facet: {
			baseName: "facet",
			type: "string",
			required: true
		},
		limit: {
			baseName: "limit",
			type: "number",
			format: "int32"
		},
		sort: {
			baseName: "sort",
			type: "EventsGroupBySort"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/EventsGroupBySort.js
var require_EventsGroupBySort = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.EventsGroupBySort = void 0;
	var EventsGroupBySort = class EventsGroupBySort {
		constructor() {}
		static getAttributeTypeMap() {
			return EventsGroupBySort.attributeTypeMap;
		}
	};
	exports.EventsGroupBySort = EventsGroupBySort;
	EventsGroupBySort.attributeTypeMap = {
		aggregation: {
			baseName: "aggregation",
			type: "EventsAggregation",
			required: true
		},
		metric: {
			baseName: "metric",
			type: "string"
		},
		order: {
			baseName: "order",
			type: "QuerySortOrder"
		},
		type: {
			baseName: "type",
			type: "EventsSortType"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/EventsListRequest.js
var require_EventsListRequest = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.EventsListRequest = void 0;
	var EventsListRequest = class EventsListRequest {
		constructor() {}
		static getAttributeTypeMap() {
			return EventsListRequest.attributeTypeMap;
		}
	};
	exports.EventsListRequest = EventsListRequest;
	EventsListRequest.attributeTypeMap = {
		filter: {
			baseName: "filter",
			type: "EventsQueryFilter"
		},
		options: {
			baseName: "options",
			type: "EventsQueryOptions"
		},
		page: {
			baseName: "page",
			type: "EventsRequestPage"
		},
		sort: {
			baseName: "sort",
			type: "EventsSort"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/EventsQueryFilter.js
var require_EventsQueryFilter = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.EventsQueryFilter = void 0;
	var EventsQueryFilter = class EventsQueryFilter {
		constructor() {}
		static getAttributeTypeMap() {
			return EventsQueryFilter.attributeTypeMap;
		}
	};
	exports.EventsQueryFilter = EventsQueryFilter;
	EventsQueryFilter.attributeTypeMap = {
		from: {
			baseName: "from",
			type: "string"
		},
		query: {
			baseName: "query",
			type: "string"
		},
		to: {
			baseName: "to",
			type: "string"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/EventsQueryOptions.js
var require_EventsQueryOptions = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.EventsQueryOptions = void 0;
	var EventsQueryOptions = class EventsQueryOptions {
		constructor() {}
		static getAttributeTypeMap() {
			return EventsQueryOptions.attributeTypeMap;
		}
	};
	exports.EventsQueryOptions = EventsQueryOptions;
	EventsQueryOptions.attributeTypeMap = {
		timeOffset: {
			baseName: "timeOffset",
			type: "number",
			format: "int64"
		},
		timezone: {
			baseName: "timezone",
			type: "string"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/EventsRequestPage.js
var require_EventsRequestPage = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.EventsRequestPage = void 0;
	var EventsRequestPage = class EventsRequestPage {
		constructor() {}
		static getAttributeTypeMap() {
			return EventsRequestPage.attributeTypeMap;
		}
	};
	exports.EventsRequestPage = EventsRequestPage;
	EventsRequestPage.attributeTypeMap = {
		cursor: {
			baseName: "cursor",
			type: "string"
		},
		limit: {
			baseName: "limit",
			type: "number",
			format: "int32"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/EventsSearch.js
var require_EventsSearch = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.EventsSearch = void 0;
	var EventsSearch = class EventsSearch {
		constructor() {}
		static getAttributeTypeMap() {
			return EventsSearch.attributeTypeMap;
		}
	};
	exports.EventsSearch = EventsSearch;
	EventsSearch.attributeTypeMap = {
		query: {
			baseName: "query",
			type: "string"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/EventsTimeseriesQuery.js
var require_EventsTimeseriesQuery = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.EventsTimeseriesQuery = void 0;
	var EventsTimeseriesQuery = class EventsTimeseriesQuery {
		constructor() {}
		static getAttributeTypeMap() {
			return EventsTimeseriesQuery.attributeTypeMap;
		}
	};
	exports.EventsTimeseriesQuery = EventsTimeseriesQuery;
	EventsTimeseriesQuery.attributeTypeMap = {
		compute: {
			baseName: "compute",
			type: "EventsCompute",
			required: true
		},
		crossOrgUuids: {
			baseName: "cross_org_uuids",
			type: "Array<string>"
		},
		dataSource: {
			baseName: "data_source",
			type: "EventsDataSource",
			required: true
		},
		groupBy: {
			baseName: "group_by",
			type: "Array<EventsGroupBy>"
		},
		indexes: {
			baseName: "indexes",
			type: "Array<string>"
		},
		name: {
			baseName: "name",
			type: "string"
		},
		search: {
			baseName: "search",
			type: "EventsSearch"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/FormulaLimit.js
var require_FormulaLimit = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.FormulaLimit = void 0;
	var FormulaLimit = class FormulaLimit {
		constructor() {}
		static getAttributeTypeMap() {
			return FormulaLimit.attributeTypeMap;
		}
	};
	exports.FormulaLimit = FormulaLimit;
	FormulaLimit.attributeTypeMap = {
		count: {
			baseName: "count",
			type: "number",
			format: "int32"
		},
		order: {
			baseName: "order",
			type: "QuerySortOrder"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/LogsAggregateRequest.js
var require_LogsAggregateRequest = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.LogsAggregateRequest = void 0;
	var LogsAggregateRequest = class LogsAggregateRequest {
		constructor() {}
		static getAttributeTypeMap() {
			return LogsAggregateRequest.attributeTypeMap;
		}
	};
	exports.LogsAggregateRequest = LogsAggregateRequest;
	LogsAggregateRequest.attributeTypeMap = {
		compute: {
			baseName: "compute",
			type: "Array<LogsCompute>"
		},
		filter: {
			baseName: "filter",
			type: "LogsQueryFilter"
		},
		groupBy: {
			baseName: "group_by",
			type: "Array<LogsGroupBy>"
		},
		options: {
			baseName: "options",
			type: "LogsQueryOptions"
		},
		page: {
			baseName: "page",
			type: "LogsAggregateRequestPage"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/LogsAggregateRequestPage.js
var require_LogsAggregateRequestPage = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.LogsAggregateRequestPage = void 0;
	var LogsAggregateRequestPage = class LogsAggregateRequestPage {
		constructor() {}
		static getAttributeTypeMap() {
			return LogsAggregateRequestPage.attributeTypeMap;
		}
	};
	exports.LogsAggregateRequestPage = LogsAggregateRequestPage;
	LogsAggregateRequestPage.attributeTypeMap = {
		cursor: {
			baseName: "cursor",
			type: "string"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/LogsAggregateSort.js
var require_LogsAggregateSort = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.LogsAggregateSort = void 0;
	var LogsAggregateSort = class LogsAggregateSort {
		constructor() {}
		static getAttributeTypeMap() {
			return LogsAggregateSort.attributeTypeMap;
		}
	};
	exports.LogsAggregateSort = LogsAggregateSort;
	LogsAggregateSort.attributeTypeMap = {
		aggregation: {
			baseName: "aggregation",
			type: "LogsAggregationFunction"
		},
		metric: {
			baseName: "metric",
			type: "string"
		},
		order: {
			baseName: "order",
			type: "LogsSortOrder"
		},
		type: {
			baseName: "type",
			type: "LogsAggregateSortType"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/LogsCompute.js
var require_LogsCompute = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.LogsCompute = void 0;
	var LogsCompute = class LogsCompute {
		constructor() {}
		static getAttributeTypeMap() {
			return LogsCompute.attributeTypeMap;
		}
	};
	exports.LogsCompute = LogsCompute;
	LogsCompute.attributeTypeMap = {
		aggregation: {
			baseName: "aggregation",
			type: "LogsAggregationFunction",
			required: true
		},
		interval: {
			baseName: "interval",
			type: "string"
		},
		metric: {
			baseName: "metric",
			type: "string"
		},
		type: {
			baseName: "type",
			type: "LogsComputeType"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/LogsGroupBy.js
var require_LogsGroupBy = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.LogsGroupBy = void 0;
	var LogsGroupBy = class LogsGroupBy {
		constructor() {}
		static getAttributeTypeMap() {
			return LogsGroupBy.attributeTypeMap;
		}
	};
	exports.LogsGroupBy = LogsGroupBy;
	LogsGroupBy.attributeTypeMap = {
		facet: {
			baseName: "facet",
			type: "string",
			required: true
		},
		histogram: {
			baseName: "histogram",
			type: "LogsGroupByHistogram"
		},
		limit: {
			baseName: "limit",
			type: "number",
			format: "int64"
		},
		missing: {
			baseName: "missing",
			type: "LogsGroupByMissing"
		},
		sort: {
			baseName: "sort",
			type: "LogsAggregateSort"
		},
		total: {
			baseName: "total",
			type: "LogsGroupByTotal"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/LogsGroupByHistogram.js
var require_LogsGroupByHistogram = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.LogsGroupByHistogram = void 0;
	var LogsGroupByHistogram = class LogsGroupByHistogram {
		constructor() {}
		static getAttributeTypeMap() {
			return LogsGroupByHistogram.attributeTypeMap;
		}
	};
	exports.LogsGroupByHistogram = LogsGroupByHistogram;
	LogsGroupByHistogram.attributeTypeMap = {
		interval: {
			baseName: "interval",
			type: "number",
			required: true,
			format: "double"
		},
		max: {
			baseName: "max",
			type: "number",
			required: true,
			format: "double"
		},
		min: {
			baseName: "min",
			type: "number",
			required: true,
			format: "double"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/LogsListRequest.js
var require_LogsListRequest = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.LogsListRequest = void 0;
	var LogsListRequest = class LogsListRequest {
		constructor() {}
		static getAttributeTypeMap() {
			return LogsListRequest.attributeTypeMap;
		}
	};
	exports.LogsListRequest = LogsListRequest;
	LogsListRequest.attributeTypeMap = {
		filter: {
			baseName: "filter",
			type: "LogsQueryFilter"
		},
		options: {
			baseName: "options",
			type: "LogsQueryOptions"
		},
		page: {
			baseName: "page",
			type: "LogsListRequestPage"
		},
		sort: {
			baseName: "sort",
			type: "LogsSort"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/LogsListRequestPage.js
var require_LogsListRequestPage = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.LogsListRequestPage = void 0;
	var LogsListRequestPage = class LogsListRequestPage {
		constructor() {}
		static getAttributeTypeMap() {
			return LogsListRequestPage.attributeTypeMap;
		}
	};
	exports.LogsListRequestPage = LogsListRequestPage;
	LogsListRequestPage.attributeTypeMap = {
		cursor: {
			baseName: "cursor",
			type: "string"
		},
		limit: {
			baseName: "limit",
			type: "number",
			format: "int32"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/LogsQueryFilter.js
var require_LogsQueryFilter = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.LogsQueryFilter = void 0;
	var LogsQueryFilter = class LogsQueryFilter {
		constructor() {}
		static getAttributeTypeMap() {
			return LogsQueryFilter.attributeTypeMap;
		}
	};
	exports.LogsQueryFilter = LogsQueryFilter;
	LogsQueryFilter.attributeTypeMap = {
		from: {
			baseName: "from",
			type: "string"
		},
		indexes: {
			baseName: "indexes",
			type: "Array<string>"
		},
		query: {
			baseName: "query",
			type: "string"
		},
		storageTier: {
			baseName: "storage_tier",
			type: "LogsStorageTier"
		},
		to: {
			baseName: "to",
			type: "string"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/LogsQueryOptions.js
var require_LogsQueryOptions = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.LogsQueryOptions = void 0;
	var LogsQueryOptions = class LogsQueryOptions {
		constructor() {}
		static getAttributeTypeMap() {
			return LogsQueryOptions.attributeTypeMap;
		}
	};
	exports.LogsQueryOptions = LogsQueryOptions;
	LogsQueryOptions.attributeTypeMap = {
		timeOffset: {
			baseName: "timeOffset",
			type: "number",
			format: "int64"
		},
		timezone: {
			baseName: "timezone",
			type: "string"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/MetricsTimeseriesQuery.js
var require_MetricsTimeseriesQuery = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.MetricsTimeseriesQuery = void 0;
	var MetricsTimeseriesQuery = class MetricsTimeseriesQuery {
		constructor() {}
		static getAttributeTypeMap() {
			return MetricsTimeseriesQuery.attributeTypeMap;
		}
	};
	exports.MetricsTimeseriesQuery = MetricsTimeseriesQuery;
	MetricsTimeseriesQuery.attributeTypeMap = {
		crossOrgUuids: {
			baseName: "cross_org_uuids",
			type: "Array<string>"
		},
		dataSource: {
			baseName: "data_source",
			type: "MetricsDataSource",
			required: true
		},
		name: {
			baseName: "name",
			type: "string"
		},
		query: {
			baseName: "query",
			type: "string",
			required: true
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/ProcessTimeseriesQuery.js
var require_ProcessTimeseriesQuery = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.ProcessTimeseriesQuery = void 0;
	var ProcessTimeseriesQuery = class ProcessTimeseriesQuery {
		constructor() {}
		static getAttributeTypeMap() {
			return ProcessTimeseriesQuery.attributeTypeMap;
		}
	};
	exports.ProcessTimeseriesQuery = ProcessTimeseriesQuery;
	ProcessTimeseriesQuery.attributeTypeMap = {
		crossOrgUuids: {
			baseName: "cross_org_uuids",
			type: "Array<string>"
		},
		dataSource: {
			baseName: "data_source",
			type: "ProcessDataSource",
			required: true
		},
		isNormalizedCpu: {
			baseName: "is_normalized_cpu",
			type: "boolean"
		},
		limit: {
			baseName: "limit",
			type: "number",
			format: "int64"
		},
		metric: {
			baseName: "metric",
			type: "string",
			required: true
		},
		name: {
			baseName: "name",
			type: "string",
			required: true
		},
		sort: {
			baseName: "sort",
			type: "QuerySortOrder"
		},
		tagFilters: {
			baseName: "tag_filters",
			type: "Array<string>"
		},
		textFilter: {
			baseName: "text_filter",
			type: "string"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/QueryFormula.js
var require_QueryFormula = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.QueryFormula = void 0;
	var QueryFormula = class QueryFormula {
		constructor() {}
		static getAttributeTypeMap() {
			return QueryFormula.attributeTypeMap;
		}
	};
	exports.QueryFormula = QueryFormula;
	QueryFormula.attributeTypeMap = {
		formula: {
			baseName: "formula",
			type: "string",
			required: true
		},
		limit: {
			baseName: "limit",
			type: "FormulaLimit"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/SloQuery.js
var require_SloQuery = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.SloQuery = void 0;
	var SloQuery = class SloQuery {
		constructor() {}
		static getAttributeTypeMap() {
			return SloQuery.attributeTypeMap;
		}
	};
	exports.SloQuery = SloQuery;
	SloQuery.attributeTypeMap = {
		additionalQueryFilters: {
			baseName: "additional_query_filters",
			type: "string"
		},
		crossOrgUuids: {
			baseName: "cross_org_uuids",
			type: "Array<string>"
		},
		dataSource: {
			baseName: "data_source",
			type: "SloDataSource",
			required: true
		},
		groupMode: {
			baseName: "group_mode",
			type: "SlosGroupMode"
		},
		measure: {
			baseName: "measure",
			type: "SlosMeasure",
			required: true
		},
		name: {
			baseName: "name",
			type: "string"
		},
		sloId: {
			baseName: "slo_id",
			type: "string",
			required: true
		},
		sloQueryType: {
			baseName: "slo_query_type",
			type: "SlosQueryType"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/SpansAggregateData.js
var require_SpansAggregateData = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.SpansAggregateData = void 0;
	var SpansAggregateData = class SpansAggregateData {
		constructor() {}
		static getAttributeTypeMap() {
			return SpansAggregateData.attributeTypeMap;
		}
	};
	exports.SpansAggregateData = SpansAggregateData;
	SpansAggregateData.attributeTypeMap = {
		attributes: {
			baseName: "attributes",
			type: "SpansAggregateRequestAttributes"
		},
		type: {
			baseName: "type",
			type: "SpansAggregateRequestType"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/SpansAggregateRequest.js
var require_SpansAggregateRequest = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.SpansAggregateRequest = void 0;
	var SpansAggregateRequest = class SpansAggregateRequest {
		constructor() {}
		static getAttributeTypeMap() {
			return SpansAggregateRequest.attributeTypeMap;
		}
	};
	exports.SpansAggregateRequest = SpansAggregateRequest;
	SpansAggregateRequest.attributeTypeMap = {
		data: {
			baseName: "data",
			type: "SpansAggregateData"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/SpansAggregateRequestAttributes.js
var require_SpansAggregateRequestAttributes = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.SpansAggregateRequestAttributes = void 0;
	var SpansAggregateRequestAttributes = class SpansAggregateRequestAttributes {
		constructor() {}
		static getAttributeTypeMap() {
			return SpansAggregateRequestAttributes.attributeTypeMap;
		}
	};
	exports.SpansAggregateRequestAttributes = SpansAggregateRequestAttributes;
	SpansAggregateRequestAttributes.attributeTypeMap = {
		compute: {
			baseName: "compute",
			type: "Array<SpansCompute>"
		},
		filter: {
			baseName: "filter",
			type: "SpansQueryFilter"
		},
		groupBy: {
			baseName: "group_by",
			type: "Array<SpansGroupBy>"
		},
		options: {
			baseName: "options",
			type: "SpansQueryOptions"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/SpansAggregateSort.js
var require_SpansAggregateSort = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.SpansAggregateSort = void 0;
	var SpansAggregateSort = class SpansAggregateSort {
		constructor() {}
		static getAttributeTypeMap() {
			return SpansAggregateSort.attributeTypeMap;
		}
	};
	exports.SpansAggregateSort = SpansAggregateSort;
	SpansAggregateSort.attributeTypeMap = {
		aggregation: {
			baseName: "aggregation",
			type: "SpansAggregationFunction"
		},
		metric: {
			baseName: "metric",
			type: "string"
		},
		order: {
			baseName: "order",
			type: "SpansSortOrder"
		},
		type: {
			baseName: "type",
			type: "SpansAggregateSortType"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/SpansCompute.js
var require_SpansCompute = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.SpansCompute = void 0;
	var SpansCompute = class SpansCompute {
		constructor() {}
		static getAttributeTypeMap() {
			return SpansCompute.attributeTypeMap;
		}
	};
	exports.SpansCompute = SpansCompute;
	SpansCompute.attributeTypeMap = {
		aggregation: {
			baseName: "aggregation",
			type: "SpansAggregationFunction",
			required: true
		},
		interval: {
			baseName: "interval",
			type: "string"
		},
		metric: {
			baseName: "metric",
			type: "string"
		},
		type: {
			baseName: "type",
			type: "SpansComputeType"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/SpansGroupBy.js
var require_SpansGroupBy = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.SpansGroupBy = void 0;
	var SpansGroupBy = class SpansGroupBy {
		constructor() {}
		static getAttributeTypeMap() {
			return SpansGroupBy.attributeTypeMap;
		}
	};
	exports.SpansGroupBy = SpansGroupBy;
	SpansGroupBy.attributeTypeMap = {
		facet: {
			baseName: "facet",
			type: "string",
			required: true
		},
		histogram: {
			baseName: "histogram",
			type: "SpansGroupByHistogram"
		},
		limit: {
			baseName: "limit",
			type: "number",
			format: "int64"
		},
		missing: {
			baseName: "missing",
			type: "SpansGroupByMissing"
		},
		sort: {
			baseName: "sort",
			type: "SpansAggregateSort"
		},
		total: {
			baseName: "total",
			type: "SpansGroupByTotal"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/SpansGroupByHistogram.js
var require_SpansGroupByHistogram = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.SpansGroupByHistogram = void 0;
	var SpansGroupByHistogram = class SpansGroupByHistogram {
		constructor() {}
		static getAttributeTypeMap() {
			return SpansGroupByHistogram.attributeTypeMap;
		}
	};
	exports.SpansGroupByHistogram = SpansGroupByHistogram;
	SpansGroupByHistogram.attributeTypeMap = {
		interval: {
			baseName: "interval",
			type: "number",
			required: true,
			format: "double"
		},
		max: {
			baseName: "max",
			type: "number",
			required: true,
			format: "double"
		},
		min: {
			baseName: "min",
			type: "number",
			required: true,
			format: "double"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/SpansListRequest.js
var require_SpansListRequest = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.SpansListRequest = void 0;
	var SpansListRequest = class SpansListRequest {
		constructor() {}
		static getAttributeTypeMap() {
			return SpansListRequest.attributeTypeMap;
		}
	};
	exports.SpansListRequest = SpansListRequest;
	SpansListRequest.attributeTypeMap = {
		data: {
			baseName: "data",
			type: "SpansListRequestData"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/SpansListRequestAttributes.js
var require_SpansListRequestAttributes = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.SpansListRequestAttributes = void 0;
	var SpansListRequestAttributes = class SpansListRequestAttributes {
		constructor() {}
		static getAttributeTypeMap() {
			return SpansListRequestAttributes.attributeTypeMap;
		}
	};
	exports.SpansListRequestAttributes = SpansListRequestAttributes;
	SpansListRequestAttributes.attributeTypeMap = {
		filter: {
			baseName: "filter",
			type: "SpansQueryFilter"
		},
		options: {
			baseName: "options",
			type: "SpansQueryOptions"
		},
		page: {
			baseName: "page",
			type: "SpansListRequestPage"
		},
		sort: {
			baseName: "sort",
			type: "SpansSort"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/SpansListRequestData.js
var require_SpansListRequestData = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.SpansListRequestData = void 0;
	var SpansListRequestData = class SpansListRequestData {
		constructor() {}
		static getAttributeTypeMap() {
			return SpansListRequestData.attributeTypeMap;
		}
	};
	exports.SpansListRequestData = SpansListRequestData;
	SpansListRequestData.attributeTypeMap = {
		attributes: {
			baseName: "attributes",
			type: "SpansListRequestAttributes"
		},
		type: {
			baseName: "type",
			type: "SpansListRequestType"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/SpansListRequestPage.js
var require_SpansListRequestPage = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.SpansListRequestPage = void 0;
	var SpansListRequestPage = class SpansListRequestPage {
		constructor() {}
		static getAttributeTypeMap() {
			return SpansListRequestPage.attributeTypeMap;
		}
	};
	exports.SpansListRequestPage = SpansListRequestPage;
	SpansListRequestPage.attributeTypeMap = {
		cursor: {
			baseName: "cursor",
			type: "string"
		},
		limit: {
			baseName: "limit",
			type: "number",
			format: "int32"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/SpansQueryFilter.js
var require_SpansQueryFilter = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.SpansQueryFilter = void 0;
	var SpansQueryFilter = class SpansQueryFilter {
		constructor() {}
		static getAttributeTypeMap() {
			return SpansQueryFilter.attributeTypeMap;
		}
	};
	exports.SpansQueryFilter = SpansQueryFilter;
	SpansQueryFilter.attributeTypeMap = {
		from: {
			baseName: "from",
			type: "string"
		},
		query: {
			baseName: "query",
			type: "string"
		},
		to: {
			baseName: "to",
			type: "string"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/SpansQueryOptions.js
var require_SpansQueryOptions = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.SpansQueryOptions = void 0;
	var SpansQueryOptions = class SpansQueryOptions {
		constructor() {}
		static getAttributeTypeMap() {
			return SpansQueryOptions.attributeTypeMap;
		}
	};
	exports.SpansQueryOptions = SpansQueryOptions;
	SpansQueryOptions.attributeTypeMap = {
		timeOffset: {
			baseName: "timeOffset",
			type: "number",
			format: "int64"
		},
		timezone: {
			baseName: "timezone",
			type: "string"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/TimeseriesFormulaQueryRequest.js
var require_TimeseriesFormulaQueryRequest = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.TimeseriesFormulaQueryRequest = void 0;
	var TimeseriesFormulaQueryRequest = class TimeseriesFormulaQueryRequest {
		constructor() {}
		static getAttributeTypeMap() {
			return TimeseriesFormulaQueryRequest.attributeTypeMap;
		}
	};
	exports.TimeseriesFormulaQueryRequest = TimeseriesFormulaQueryRequest;
	TimeseriesFormulaQueryRequest.attributeTypeMap = {
		data: {
			baseName: "data",
			type: "TimeseriesFormulaRequest",
			required: true
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/TimeseriesFormulaRequest.js
var require_TimeseriesFormulaRequest = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.TimeseriesFormulaRequest = void 0;
	var TimeseriesFormulaRequest = class TimeseriesFormulaRequest {
		constructor() {}
		static getAttributeTypeMap() {
			return TimeseriesFormulaRequest.attributeTypeMap;
		}
	};
	exports.TimeseriesFormulaRequest = TimeseriesFormulaRequest;
	TimeseriesFormulaRequest.attributeTypeMap = {
		attributes: {
			baseName: "attributes",
			type: "TimeseriesFormulaRequestAttributes",
			required: true
		},
		type: {
			baseName: "type",
			type: "TimeseriesFormulaRequestType",
			required: true
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/TimeseriesFormulaRequestAttributes.js
var require_TimeseriesFormulaRequestAttributes = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.TimeseriesFormulaRequestAttributes = void 0;
	var TimeseriesFormulaRequestAttributes = class TimeseriesFormulaRequestAttributes {
		constructor() {}
		static getAttributeTypeMap() {
			return TimeseriesFormulaRequestAttributes.attributeTypeMap;
		}
	};
	exports.TimeseriesFormulaRequestAttributes = TimeseriesFormulaRequestAttributes;
	TimeseriesFormulaRequestAttributes.attributeTypeMap = {
		formulas: {
			baseName: "formulas",
			type: "Array<QueryFormula>"
		},
		from: {
			baseName: "from",
			type: "number",
			required: true,
			format: "int64"
		},
		interval: {
			baseName: "interval",
			type: "number",
			format: "int64"
		},
		queries: {
			baseName: "queries",
			type: "Array<TimeseriesQuery>",
			required: true
		},
		to: {
			baseName: "to",
			type: "number",
			required: true,
			format: "int64"
		},
		additionalProperties: {
			baseName: "additionalProperties",
			type: "{ [key: string]: any; }"
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/ObjectSerializer.js
var require_ObjectSerializer = __commonJSMin(((exports) => {
	Object.defineProperty(exports, "__esModule", { value: true });
	exports.ObjectSerializer = void 0;
	var util_1 = require_util();
	var logger_1 = require_logger();
	var primitives = [
		"string",
		"boolean",
		"double",
		"integer",
		"long",
		"float",
		"number"
	];
	var ARRAY_PREFIX = "Array<";
	var MAP_PREFIX = "{ [key: string]: ";
	var TUPLE_PREFIX = "[";
	var supportedMediaTypes = {
		"application/json": Infinity,
		"text/json": 100,
		"application/octet-stream": 0
	};
	var ApmDependencyStatsQuery_1 = require_ApmDependencyStatsQuery();
	var ApmMetricsQuery_1 = require_ApmMetricsQuery();
	var ApmResourceStatsQuery_1 = require_ApmResourceStatsQuery();
	var ContainerTimeseriesQuery_1 = require_ContainerTimeseriesQuery();
	var EventsCompute_1 = require_EventsCompute();
	var EventsGroupBy_1 = require_EventsGroupBy();
	var EventsGroupBySort_1 = require_EventsGroupBySort();
	var EventsListRequest_1 = require_EventsListRequest();
	var EventsQueryFilter_1 = require_EventsQueryFilter();
	var EventsQueryOptions_1 = require_EventsQueryOptions();
	var EventsRequestPage_1 = require_EventsRequestPage();
	var EventsSearch_1 = require_EventsSearch();
	var EventsTimeseriesQuery_1 = require_EventsTimeseriesQuery();
	var FormulaLimit_1 = require_FormulaLimit();
	var LogsAggregateRequest_1 = require_LogsAggregateRequest();
	var LogsAggregateRequestPage_1 = require_LogsAggregateRequestPage();
	var LogsAggregateSort_1 = require_LogsAggregateSort();
	var LogsCompute_1 = require_LogsCompute();
	var LogsGroupBy_1 = require_LogsGroupBy();
	var LogsGroupByHistogram_1 = require_LogsGroupByHistogram();
	var LogsListRequest_1 = require_LogsListRequest();
	var LogsListRequestPage_1 = require_LogsListRequestPage();
	var LogsQueryFilter_1 = require_LogsQueryFilter();
	var LogsQueryOptions_1 = require_LogsQueryOptions();
	var MetricsTimeseriesQuery_1 = require_MetricsTimeseriesQuery();
	var ProcessTimeseriesQuery_1 = require_ProcessTimeseriesQuery();
	var QueryFormula_1 = require_QueryFormula();
	var SloQuery_1 = require_SloQuery();
	var SpansAggregateData_1 = require_SpansAggregateData();
	var SpansAggregateRequest_1 = require_SpansAggregateRequest();
	var SpansAggregateRequestAttributes_1 = require_SpansAggregateRequestAttributes();
	var SpansAggregateSort_1 = require_SpansAggregateSort();
	var SpansCompute_1 = require_SpansCompute();
	var SpansGroupBy_1 = require_SpansGroupBy();
	var SpansGroupByHistogram_1 = require_SpansGroupByHistogram();
	var SpansListRequest_1 = require_SpansListRequest();
	var SpansListRequestAttributes_1 = require_SpansListRequestAttributes();
	var SpansListRequestData_1 = require_SpansListRequestData();
	var SpansListRequestPage_1 = require_SpansListRequestPage();
	var SpansQueryFilter_1 = require_SpansQueryFilter();
	var SpansQueryOptions_1 = require_SpansQueryOptions();
	var TimeseriesFormulaQueryRequest_1 = require_TimeseriesFormulaQueryRequest();
	var TimeseriesFormulaRequest_1 = require_TimeseriesFormulaRequest();
	var TimeseriesFormulaRequestAttributes_1 = require_TimeseriesFormulaRequestAttributes();
	var enumsMap = {
		"ApmDependencyStatName": [
			"avg_duration",
			"avg_root_duration",
			"avg_spans_per_trace",
			"error_rate",
			"pct_exec_time",
			"pct_of_traces",
			"total_traces_count"
		],
		"ApmDependencyStatsDataSource": ["apm_dependency_stats"],
		"ApmMetricsDataSource": ["apm_metrics"],
		"ApmMetricsSpanKind": [
			"consumer",
			"server",
			"client",
			"producer",
			"internal"
		],
		"ApmMetricsStat": [
			"error_rate",
			"errors",
			"errors_per_second",
			"hits",
			"hits_per_second",
			"apdex",
			"latency_avg",
			"latency_max",
			"latency_p50",
			"latency_p75",
			"latency_p90",
			"latency_p95",
			"latency_p99",
			"latency_p999",
			"latency_distribution",
			"total_time"
		],
		"ApmResourceStatName": [
			"error_rate",
			"errors",
			"hits",
			"latency_avg",
			"latency_max",
			"latency_p50",
			"latency_p75",
			"latency_p90",
			"latency_p95",
			"latency_p99",
			"latency_distribution",
			"total_time"
		],
		"ApmResourceStatsDataSource": ["apm_resource_stats"],
		"ApplicationKeysSort": [
			"created_at",
			"-created_at",
			"last4",
			"-last4",
			"name",
			"-name"
		],
		"ContainerDataSource": ["container"],
		"EventsAggregation": [
			"count",
			"cardinality",
			"pc75",
			"pc90",
			"pc95",
			"pc98",
			"pc99",
			"sum",
			"min",
			"max",
			"avg"
		],
		"EventsDataSource": [
			"logs",
			"spans",
			"network",
			"rum",
			"security_signals",
			"profiles",
			"audit",
			"events",
			"ci_tests",
			"ci_pipelines",
			"incident_analytics",
			"product_analytics",
			"on_call_events",
			"dora"
		],
		"EventsSort": ["timestamp", "-timestamp"],
		"EventsSortType": ["alphabetical", "measure"],
		"IncludeType": [
			"schema",
			"raw_schema",
			"oncall",
			"incident",
			"relation"
		],
		"LogsAggregateSortType": ["alphabetical", "measure"],
		"LogsAggregationFunction": [
			"count",
			"cardinality",
			"pc75",
			"pc90",
			"pc95",
			"pc98",
			"pc99",
			"sum",
			"min",
			"max",
			"avg",
			"median"
		],
		"LogsComputeType": ["timeseries", "total"],
		"LogsSort": ["timestamp", "-timestamp"],
		"LogsSortOrder": ["asc", "desc"],
		"LogsStorageTier": [
			"indexes",
			"online-archives",
			"flex"
		],
		"MetricsDataSource": ["metrics", "cloud_cost"],
		"ProcessDataSource": ["process"],
		"QuerySortOrder": ["asc", "desc"],
		"RelationType": [
			"RelationTypeOwns",
			"RelationTypeOwnedBy",
			"RelationTypeDependsOn",
			"RelationTypeDependencyOf",
			"RelationTypePartsOf",
			"RelationTypeHasPart",
			"RelationTypeOtherOwns",
			"RelationTypeOtherOwnedBy",
			"RelationTypeImplementedBy",
			"RelationTypeImplements"
		],
		"SloDataSource": ["slo"],
		"SlosGroupMode": ["overall", "components"],
		"SlosMeasure": [
			"good_events",
			"bad_events",
			"slo_status",
			"error_budget_remaining",
			"error_budget_remaining_history",
			"error_budget_burndown",
			"burn_rate",
			"slo_status_history",
			"good_minutes",
			"bad_minutes"
		],
		"SlosQueryType": [
			"metric",
			"time_slice",
			"monitor"
		],
		"SpansAggregateRequestType": ["aggregate_request"],
		"SpansAggregateSortType": ["alphabetical", "measure"],
		"SpansAggregationFunction": [
			"count",
			"cardinality",
			"pc75",
			"pc90",
			"pc95",
			"pc98",
			"pc99",
			"sum",
			"min",
			"max",
			"avg",
			"median"
		],
		"SpansComputeType": ["timeseries", "total"],
		"SpansListRequestType": ["search_request"],
		"SpansSort": ["timestamp", "-timestamp"],
		"SpansSortOrder": ["asc", "desc"],
		"TimeseriesFormulaRequestType": ["timeseries_request"]
	};
	var typeMap = {
		ApmDependencyStatsQuery: ApmDependencyStatsQuery_1.ApmDependencyStatsQuery,
		ApmMetricsQuery: ApmMetricsQuery_1.ApmMetricsQuery,
		ApmResourceStatsQuery: ApmResourceStatsQuery_1.ApmResourceStatsQuery,
		ContainerTimeseriesQuery: ContainerTimeseriesQuery_1.ContainerTimeseriesQuery,
		EventsCompute: EventsCompute_1.EventsCompute,
		EventsGroupBy: EventsGroupBy_1.EventsGroupBy,
		EventsGroupBySort: EventsGroupBySort_1.EventsGroupBySort,
		EventsListRequest: EventsListRequest_1.EventsListRequest,
		EventsQueryFilter: EventsQueryFilter_1.EventsQueryFilter,
		EventsQueryOptions: EventsQueryOptions_1.EventsQueryOptions,
		EventsRequestPage: EventsRequestPage_1.EventsRequestPage,
		EventsSearch: EventsSearch_1.EventsSearch,
		EventsTimeseriesQuery: EventsTimeseriesQuery_1.EventsTimeseriesQuery,
		FormulaLimit: FormulaLimit_1.FormulaLimit,
		LogsAggregateRequest: LogsAggregateRequest_1.LogsAggregateRequest,
		LogsAggregateRequestPage: LogsAggregateRequestPage_1.LogsAggregateRequestPage,
		LogsAggregateSort: LogsAggregateSort_1.LogsAggregateSort,
		LogsCompute: LogsCompute_1.LogsCompute,
		LogsGroupBy: LogsGroupBy_1.LogsGroupBy,
		LogsGroupByHistogram: LogsGroupByHistogram_1.LogsGroupByHistogram,
		LogsListRequest: LogsListRequest_1.LogsListRequest,
		LogsListRequestPage: LogsListRequestPage_1.LogsListRequestPage,
		LogsQueryFilter: LogsQueryFilter_1.LogsQueryFilter,
		LogsQueryOptions: LogsQueryOptions_1.LogsQueryOptions,
		MetricsTimeseriesQuery: MetricsTimeseriesQuery_1.MetricsTimeseriesQuery,
		ProcessTimeseriesQuery: ProcessTimeseriesQuery_1.ProcessTimeseriesQuery,
		QueryFormula: QueryFormula_1.QueryFormula,
		SloQuery: SloQuery_1.SloQuery,
		SpansAggregateData: SpansAggregateData_1.SpansAggregateData,
		SpansAggregateRequest: SpansAggregateRequest_1.SpansAggregateRequest,
		SpansAggregateRequestAttributes: SpansAggregateRequestAttributes_1.SpansAggregateRequestAttributes,
		SpansAggregateSort: SpansAggregateSort_1.SpansAggregateSort,
		SpansCompute: SpansCompute_1.SpansCompute,
		SpansGroupBy: SpansGroupBy_1.SpansGroupBy,
		SpansGroupByHistogram: SpansGroupByHistogram_1.SpansGroupByHistogram,
		SpansListRequest: SpansListRequest_1.SpansListRequest,
		SpansListRequestAttributes: SpansListRequestAttributes_1.SpansListRequestAttributes,
		SpansListRequestData: SpansListRequestData_1.SpansListRequestData,
		SpansListRequestPage: SpansListRequestPage_1.SpansListRequestPage,
		SpansQueryFilter: SpansQueryFilter_1.SpansQueryFilter,
		SpansQueryOptions: SpansQueryOptions_1.SpansQueryOptions,
		TimeseriesFormulaQueryRequest: TimeseriesFormulaQueryRequest_1.TimeseriesFormulaQueryRequest,
		TimeseriesFormulaRequest: TimeseriesFormulaRequest_1.TimeseriesFormulaRequest,
		TimeseriesFormulaRequestAttributes: TimeseriesFormulaRequestAttributes_1.TimeseriesFormulaRequestAttributes
	};
	var oneOfMap = {
		"LogsGroupByMissing": ["string", "number"],
		"LogsGroupByTotal": [
			"boolean",
			"string",
			"number"
		],
		"SpansGroupByMissing": ["string", "number"],
		"SpansGroupByTotal": [
			"boolean",
			"string",
			"number"
		],
		"TimeseriesQuery": [
			"MetricsTimeseriesQuery",
			"EventsTimeseriesQuery",
			"ApmResourceStatsQuery",
			"ApmMetricsQuery",
			"ApmDependencyStatsQuery",
			"SloQuery",
			"ProcessTimeseriesQuery",
			"ContainerTimeseriesQuery"
		]
	};
	exports.ObjectSerializer = class ObjectSerializer {
		static serialize(data, type, format) {
			if (data == void 0 || type == "any") return data;
			else if (data instanceof util_1.UnparsedObject) return data._data;
			else if (primitives.includes(type.toLowerCase()) && typeof data == type.toLowerCase()) return data;
			else if (type.startsWith(ARRAY_PREFIX)) {
				if (!Array.isArray(data)) throw new TypeError(`mismatch types '${data}' and '${type}'`);
				const subType = type.substring(6, type.length - 1);
				const transformedData = [];
				for (const element of data) transformedData.push(ObjectSerializer.serialize(element, subType, format));
				return transformedData;
			} else if (type.startsWith(TUPLE_PREFIX)) {
				const subType = type.substring(1, type.length - 1).split(", ")[0];
				const transformedData = [];
				for (const element of data) transformedData.push(ObjectSerializer.serialize(element, subType, format));
				return transformedData;
			} else if (type.startsWith(MAP_PREFIX)) {
				const subType = type.substring(17, type.length - 3);
				const transformedData = {};
				for (const key in data) transformedData[key] = ObjectSerializer.serialize(data[key], subType, format);
				return transformedData;
			} else if (type === "Date") {
				if ("string" == typeof data) return data;
				if (format == "date" || format == "date-time") return (0, util_1.dateToRFC3339String)(data);
				else return data.toISOString();
			} else {
				if (enumsMap[type]) {
					if (enumsMap[type].includes(data)) return data;
					throw new TypeError(`unknown enum value '${data}'`);
				}
				if (oneOfMap[type]) {
					const oneOfs = [];
					for (const oneOf of oneOfMap[type]) try {
						oneOfs.push(ObjectSerializer.serialize(data, oneOf, format));
					} catch (e) {
						logger_1.logger.debug(`could not serialize ${oneOf} (${e})`);
					}
					if (oneOfs.length > 1) throw new TypeError(`${data} matches multiple types from ${oneOfMap[type]} ${oneOfs}`);
					if (oneOfs.length == 0) throw new TypeError(`${data} doesn't match any type from ${oneOfMap[type]} ${oneOfs}`);
					return oneOfs[0];
				}
				if (!typeMap[type]) throw new TypeError(`unknown type '${type}'`);
				const attributesMap = typeMap[type].getAttributeTypeMap();
				const instance = {};
				for (const k of Object.keys(data)) {
					if (k === "_unparsed" || k === "additionalProperties") continue;
					if (!(k in attributesMap) && !("additionalProperties" in attributesMap)) throw new Error("unexpected attribute " + k + " of type " + type);
				}
				for (const attributeName of Object.keys(attributesMap)) {
					if (attributeName === "additionalProperties") continue;
					if (!(attributeName in data)) continue;
					if (data[attributeName] === void 0) continue;
					const attributeObj = attributesMap[attributeName];
					instance[attributeObj.baseName] = ObjectSerializer.serialize(data[attributeName], attributeObj.type, attributeObj.format);
				}
				if (data.additionalProperties) {
					const additionalPropertiesMap = attributesMap["additionalProperties"];
					if (additionalPropertiesMap) {
						const additionalProperties = ObjectSerializer.serialize(data.additionalProperties, additionalPropertiesMap.type, additionalPropertiesMap.format);
						for (const key in additionalProperties) instance[key] = additionalProperties[key];
					} else throw new Error(`additionalProperties found in ${type}`);
				}
				for (const attributeName in attributesMap) {
					const attributeObj = attributesMap[attributeName];
					if ((attributeObj === null || attributeObj === void 0 ? void 0 : attributeObj.required) && instance[attributeObj.baseName] === void 0) throw new Error(`missing required property '${attributeObj.baseName}'`);
				}
				return instance;
			}
		}
		static normalizeMediaType(mediaType) {
			if (mediaType === void 0) return;
			return mediaType.split(";")[0].trim().toLowerCase();
		}
		static getPreferredMediaType(mediaTypes) {
			if (!mediaTypes) return "application/json";
			const normalMediaTypes = mediaTypes.map(this.normalizeMediaType);
			let selectedMediaType = void 0;
			let selectedRank = -Infinity;
			for (const mediaType of normalMediaTypes) {
				if (mediaType === void 0) continue;
				const supported = supportedMediaTypes[mediaType];
				if (supported !== void 0 && supported > selectedRank) {
					selectedMediaType = mediaType;
					selectedRank = supported;
				}
			}
			if (selectedMediaType === void 0) throw new Error("None of the given media types are supported: " + mediaTypes.join(", "));
			return selectedMediaType;
		}
		static stringify(data, mediaType) {
			if (mediaType === "application/json" || mediaType === "text/json") return JSON.stringify(data);
			throw new Error("The mediaType " + mediaType + " is not supported by ObjectSerializer.stringify.");
		}
	};
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/EventsApi.js
var require_EventsApi = __commonJSMin(((exports, module, this$6) => {
	var __awaiter = this$6 && this$6.__awaiter || function(thisArg, _arguments, P, generator) {
		function adopt(value) {
			return value instanceof P ? value : new P(function(resolve) {
				resolve(value);
			});
		}
		return new (P || (P = Promise))(function(resolve, reject) {
			function fulfilled(value) {
				try {
					step(generator.next(value));
				} catch (e) {
					reject(e);
				}
			}
			function rejected(value) {
				try {
					step(generator["throw"](value));
				} catch (e) {
					reject(e);
				}
			}
			function step(result) {
				result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
			}
			step((generator = generator.apply(thisArg, _arguments || [])).next());
		});
	};
	var __await = this$6 && this$6.__await || function(v) {
		return this instanceof __await ? (this.v = v, this) : new __await(v);
	};
	this$6 && this$6.__asyncGenerator;
	Object.defineProperty(exports, "__esModule", { value: true });
	var baseapi_1 = require_baseapi();
	var configuration_1 = require_configuration();
	var http_1 = require_http();
	var ObjectSerializer_1 = require_ObjectSerializer();
	var EventsApiRequestFactory = class extends baseapi_1.BaseAPIRequestFactory {
		searchEvents(body, _options) {
			return __awaiter(this, void 0, void 0, function* () {
				const _config = _options || this.configuration;
				const requestContext = _config.getServer("v2.EventsApi.searchEvents").makeRequestContext("/api/v2/events/search", http_1.HttpMethod.POST);
				requestContext.setHeaderParam("Accept", "application/json");
				requestContext.setHttpConfig(_config.httpConfig);
				if (_config.isIaC) requestContext.setHeaderParam("X-Datadog-Managed-By", "iac");
				const contentType = ObjectSerializer_1.ObjectSerializer.getPreferredMediaType(["application/json"]);
				requestContext.setHeaderParam("Content-Type", contentType);
				const serializedBody = ObjectSerializer_1.ObjectSerializer.stringify(ObjectSerializer_1.ObjectSerializer.serialize(body, "EventsListRequest", ""), contentType);
				requestContext.setBody(serializedBody);
				(0, configuration_1.applySecurityAuthentication)(_config, requestContext, [
					"apiKeyAuth",
					"appKeyAuth",
					"AuthZ"
				]);
				return requestContext;
			});
		}
	};
	exports.EventsApiRequestFactory = EventsApiRequestFactory;
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/KeyManagementApi.js
var require_KeyManagementApi = __commonJSMin(((exports, module, this$5) => {
	var __awaiter = this$5 && this$5.__awaiter || function(thisArg, _arguments, P, generator) {
		function adopt(value) {
			return value instanceof P ? value : new P(function(resolve) {
				resolve(value);
			});
		}
		return new (P || (P = Promise))(function(resolve, reject) {
			function fulfilled(value) {
				try {
					step(generator.next(value));
				} catch (e) {
					reject(e);
				}
			}
			function rejected(value) {
				try {
					step(generator["throw"](value));
				} catch (e) {
					reject(e);
				}
			}
			function step(result) {
				result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
			}
			step((generator = generator.apply(thisArg, _arguments || [])).next());
		});
	};
	Object.defineProperty(exports, "__esModule", { value: true });
	var baseapi_1 = require_baseapi();
	var configuration_1 = require_configuration();
	var http_1 = require_http();
	var ObjectSerializer_1 = require_ObjectSerializer();
	var KeyManagementApiRequestFactory = class extends baseapi_1.BaseAPIRequestFactory {
		listCurrentUserApplicationKeys(pageSize, pageNumber, sort, filter, filterCreatedAtStart, filterCreatedAtEnd, include, _options) {
			return __awaiter(this, void 0, void 0, function* () {
				const _config = _options || this.configuration;
				const requestContext = _config.getServer("v2.KeyManagementApi.listCurrentUserApplicationKeys").makeRequestContext("/api/v2/current_user/application_keys", http_1.HttpMethod.GET);
				requestContext.setHeaderParam("Accept", "application/json");
				requestContext.setHttpConfig(_config.httpConfig);
				if (_config.isIaC) requestContext.setHeaderParam("X-Datadog-Managed-By", "iac");
				if (pageSize !== void 0) requestContext.setQueryParam("page[size]", ObjectSerializer_1.ObjectSerializer.serialize(pageSize, "number", "int64"), "");
				if (pageNumber !== void 0) requestContext.setQueryParam("page[number]", ObjectSerializer_1.ObjectSerializer.serialize(pageNumber, "number", "int64"), "");
				if (sort !== void 0) requestContext.setQueryParam("sort", ObjectSerializer_1.ObjectSerializer.serialize(sort, "ApplicationKeysSort", ""), "");
				if (filter !== void 0) requestContext.setQueryParam("filter", ObjectSerializer_1.ObjectSerializer.serialize(filter, "string", ""), "");
				if (filterCreatedAtStart !== void 0) requestContext.setQueryParam("filter[created_at][start]", ObjectSerializer_1.ObjectSerializer.serialize(filterCreatedAtStart, "string", ""), "");
				if (filterCreatedAtEnd !== void 0) requestContext.setQueryParam("filter[created_at][end]", ObjectSerializer_1.ObjectSerializer.serialize(filterCreatedAtEnd, "string", ""), "");
				if (include !== void 0) requestContext.setQueryParam("include", ObjectSerializer_1.ObjectSerializer.serialize(include, "string", ""), "");
				(0, configuration_1.applySecurityAuthentication)(_config, requestContext, [
					"apiKeyAuth",
					"appKeyAuth",
					"AuthZ"
				]);
				return requestContext;
			});
		}
	};
	exports.KeyManagementApiRequestFactory = KeyManagementApiRequestFactory;
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/LogsApi.js
var require_LogsApi = __commonJSMin(((exports, module, this$4) => {
	var __awaiter = this$4 && this$4.__awaiter || function(thisArg, _arguments, P, generator) {
		function adopt(value) {
			return value instanceof P ? value : new P(function(resolve) {
				resolve(value);
			});
		}
		return new (P || (P = Promise))(function(resolve, reject) {
			function fulfilled(value) {
				try {
					step(generator.next(value));
				} catch (e) {
					reject(e);
				}
			}
			function rejected(value) {
				try {
					step(generator["throw"](value));
				} catch (e) {
					reject(e);
				}
			}
			function step(result) {
				result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
			}
			step((generator = generator.apply(thisArg, _arguments || [])).next());
		});
	};
	var __await = this$4 && this$4.__await || function(v) {
		return this instanceof __await ? (this.v = v, this) : new __await(v);
	};
	this$4 && this$4.__asyncGenerator;
	Object.defineProperty(exports, "__esModule", { value: true });
	var baseapi_1 = require_baseapi();
	var configuration_1 = require_configuration();
	var http_1 = require_http();
	var ObjectSerializer_1 = require_ObjectSerializer();
	var LogsApiRequestFactory = class extends baseapi_1.BaseAPIRequestFactory {
		aggregateLogs(body, _options) {
			return __awaiter(this, void 0, void 0, function* () {
				const _config = _options || this.configuration;
				if (body === null || body === void 0) throw new baseapi_1.RequiredError("body", "aggregateLogs");
				const requestContext = _config.getServer("v2.LogsApi.aggregateLogs").makeRequestContext("/api/v2/logs/analytics/aggregate", http_1.HttpMethod.POST);
				requestContext.setHeaderParam("Accept", "application/json");
				requestContext.setHttpConfig(_config.httpConfig);
				if (_config.isIaC) requestContext.setHeaderParam("X-Datadog-Managed-By", "iac");
				const contentType = ObjectSerializer_1.ObjectSerializer.getPreferredMediaType(["application/json"]);
				requestContext.setHeaderParam("Content-Type", contentType);
				const serializedBody = ObjectSerializer_1.ObjectSerializer.stringify(ObjectSerializer_1.ObjectSerializer.serialize(body, "LogsAggregateRequest", ""), contentType);
				requestContext.setBody(serializedBody);
				(0, configuration_1.applySecurityAuthentication)(_config, requestContext, [
					"apiKeyAuth",
					"appKeyAuth",
					"AuthZ"
				]);
				return requestContext;
			});
		}
		listLogs(body, _options) {
			return __awaiter(this, void 0, void 0, function* () {
				const _config = _options || this.configuration;
				const requestContext = _config.getServer("v2.LogsApi.listLogs").makeRequestContext("/api/v2/logs/events/search", http_1.HttpMethod.POST);
				requestContext.setHeaderParam("Accept", "application/json");
				requestContext.setHttpConfig(_config.httpConfig);
				if (_config.isIaC) requestContext.setHeaderParam("X-Datadog-Managed-By", "iac");
				const contentType = ObjectSerializer_1.ObjectSerializer.getPreferredMediaType(["application/json"]);
				requestContext.setHeaderParam("Content-Type", contentType);
				const serializedBody = ObjectSerializer_1.ObjectSerializer.stringify(ObjectSerializer_1.ObjectSerializer.serialize(body, "LogsListRequest", ""), contentType);
				requestContext.setBody(serializedBody);
				(0, configuration_1.applySecurityAuthentication)(_config, requestContext, [
					"apiKeyAuth",
					"appKeyAuth",
					"AuthZ"
				]);
				return requestContext;
			});
		}
	};
	exports.LogsApiRequestFactory = LogsApiRequestFactory;
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/MetricsApi.js
var require_MetricsApi = __commonJSMin(((exports, module, this$3) => {
	var __awaiter = this$3 && this$3.__awaiter || function(thisArg, _arguments, P, generator) {
		function adopt(value) {
			return value instanceof P ? value : new P(function(resolve) {
				resolve(value);
			});
		}
		return new (P || (P = Promise))(function(resolve, reject) {
			function fulfilled(value) {
				try {
					step(generator.next(value));
				} catch (e) {
					reject(e);
				}
			}
			function rejected(value) {
				try {
					step(generator["throw"](value));
				} catch (e) {
					reject(e);
				}
			}
			function step(result) {
				result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
			}
			step((generator = generator.apply(thisArg, _arguments || [])).next());
		});
	};
	var __await = this$3 && this$3.__await || function(v) {
		return this instanceof __await ? (this.v = v, this) : new __await(v);
	};
	this$3 && this$3.__asyncGenerator;
	Object.defineProperty(exports, "__esModule", { value: true });
	var baseapi_1 = require_baseapi();
	var configuration_1 = require_configuration();
	var http_1 = require_http();
	var ObjectSerializer_1 = require_ObjectSerializer();
	var MetricsApiRequestFactory = class extends baseapi_1.BaseAPIRequestFactory {
		queryTimeseriesData(body, _options) {
			return __awaiter(this, void 0, void 0, function* () {
				const _config = _options || this.configuration;
				if (body === null || body === void 0) throw new baseapi_1.RequiredError("body", "queryTimeseriesData");
				const requestContext = _config.getServer("v2.MetricsApi.queryTimeseriesData").makeRequestContext("/api/v2/query/timeseries", http_1.HttpMethod.POST);
				requestContext.setHeaderParam("Accept", "application/json");
				requestContext.setHttpConfig(_config.httpConfig);
				if (_config.isIaC) requestContext.setHeaderParam("X-Datadog-Managed-By", "iac");
				const contentType = ObjectSerializer_1.ObjectSerializer.getPreferredMediaType(["application/json"]);
				requestContext.setHeaderParam("Content-Type", contentType);
				const serializedBody = ObjectSerializer_1.ObjectSerializer.stringify(ObjectSerializer_1.ObjectSerializer.serialize(body, "TimeseriesFormulaQueryRequest", ""), contentType);
				requestContext.setBody(serializedBody);
				(0, configuration_1.applySecurityAuthentication)(_config, requestContext, [
					"apiKeyAuth",
					"appKeyAuth",
					"AuthZ"
				]);
				return requestContext;
			});
		}
	};
	exports.MetricsApiRequestFactory = MetricsApiRequestFactory;
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/SoftwareCatalogApi.js
var require_SoftwareCatalogApi = __commonJSMin(((exports, module, this$2) => {
	var __awaiter = this$2 && this$2.__awaiter || function(thisArg, _arguments, P, generator) {
		function adopt(value) {
			return value instanceof P ? value : new P(function(resolve) {
				resolve(value);
			});
		}
		return new (P || (P = Promise))(function(resolve, reject) {
			function fulfilled(value) {
				try {
					step(generator.next(value));
				} catch (e) {
					reject(e);
				}
			}
			function rejected(value) {
				try {
					step(generator["throw"](value));
				} catch (e) {
					reject(e);
				}
			}
			function step(result) {
				result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
			}
			step((generator = generator.apply(thisArg, _arguments || [])).next());
		});
	};
	var __await = this$2 && this$2.__await || function(v) {
		return this instanceof __await ? (this.v = v, this) : new __await(v);
	};
	this$2 && this$2.__asyncGenerator;
	Object.defineProperty(exports, "__esModule", { value: true });
	var baseapi_1 = require_baseapi();
	var configuration_1 = require_configuration();
	var http_1 = require_http();
	var ObjectSerializer_1 = require_ObjectSerializer();
	var SoftwareCatalogApiRequestFactory = class extends baseapi_1.BaseAPIRequestFactory {
		listCatalogEntity(pageOffset, pageLimit, filterId, filterRef, filterName, filterKind, filterOwner, filterRelationType, filterExcludeSnapshot, include, includeDiscovered, _options) {
			return __awaiter(this, void 0, void 0, function* () {
				const _config = _options || this.configuration;
				const requestContext = _config.getServer("v2.SoftwareCatalogApi.listCatalogEntity").makeRequestContext("/api/v2/catalog/entity", http_1.HttpMethod.GET);
				requestContext.setHeaderParam("Accept", "application/json");
				requestContext.setHttpConfig(_config.httpConfig);
				if (_config.isIaC) requestContext.setHeaderParam("X-Datadog-Managed-By", "iac");
				if (pageOffset !== void 0) requestContext.setQueryParam("page[offset]", ObjectSerializer_1.ObjectSerializer.serialize(pageOffset, "number", "int64"), "");
				if (pageLimit !== void 0) requestContext.setQueryParam("page[limit]", ObjectSerializer_1.ObjectSerializer.serialize(pageLimit, "number", "int64"), "");
				if (filterId !== void 0) requestContext.setQueryParam("filter[id]", ObjectSerializer_1.ObjectSerializer.serialize(filterId, "string", ""), "");
				if (filterRef !== void 0) requestContext.setQueryParam("filter[ref]", ObjectSerializer_1.ObjectSerializer.serialize(filterRef, "string", ""), "");
				if (filterName !== void 0) requestContext.setQueryParam("filter[name]", ObjectSerializer_1.ObjectSerializer.serialize(filterName, "string", ""), "");
				if (filterKind !== void 0) requestContext.setQueryParam("filter[kind]", ObjectSerializer_1.ObjectSerializer.serialize(filterKind, "string", ""), "");
				if (filterOwner !== void 0) requestContext.setQueryParam("filter[owner]", ObjectSerializer_1.ObjectSerializer.serialize(filterOwner, "string", ""), "");
				if (filterRelationType !== void 0) requestContext.setQueryParam("filter[relation][type]", ObjectSerializer_1.ObjectSerializer.serialize(filterRelationType, "RelationType", ""), "");
				if (filterExcludeSnapshot !== void 0) requestContext.setQueryParam("filter[exclude_snapshot]", ObjectSerializer_1.ObjectSerializer.serialize(filterExcludeSnapshot, "string", ""), "");
				if (include !== void 0) requestContext.setQueryParam("include", ObjectSerializer_1.ObjectSerializer.serialize(include, "IncludeType", ""), "");
				if (includeDiscovered !== void 0) requestContext.setQueryParam("includeDiscovered", ObjectSerializer_1.ObjectSerializer.serialize(includeDiscovered, "boolean", ""), "");
				(0, configuration_1.applySecurityAuthentication)(_config, requestContext, [
					"apiKeyAuth",
					"appKeyAuth",
					"AuthZ"
				]);
				return requestContext;
			});
		}
	};
	exports.SoftwareCatalogApiRequestFactory = SoftwareCatalogApiRequestFactory;
}));
// node_modules/@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/SpansApi.js
var require_SpansApi = __commonJSMin(((exports, module, this$1) => {
	var __awaiter = this$1 && this$1.__awaiter || function(thisArg, _arguments, P, generator) {
		function adopt(value) {
			return value instanceof P ? value : new P(function(resolve) {
				resolve(value);
			});
		}
		return new (P || (P = Promise))(function(resolve, reject) {
			function fulfilled(value) {
				try {
					step(generator.next(value));
				} catch (e) {
					reject(e);
				}
			}
			function rejected(value) {
				try {
					step(generator["throw"](value));
				} catch (e) {
					reject(e);
				}
			}
			function step(result) {
				result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
			}
			step((generator = generator.apply(thisArg, _arguments || [])).next());
		});
	};
	var __await = this$1 && this$1.__await || function(v) {
		return this instanceof __await ? (this.v = v, this) : new __await(v);
	};
	this$1 && this$1.__asyncGenerator;
	Object.defineProperty(exports, "__esModule", { value: true });
	var baseapi_1 = require_baseapi();
	var configuration_1 = require_configuration();
	var http_1 = require_http();
	var ObjectSerializer_1 = require_ObjectSerializer();
	var SpansApiRequestFactory = class extends baseapi_1.BaseAPIRequestFactory {
		aggregateSpans(body, _options) {
			return __awaiter(this, void 0, void 0, function* () {
				const _config = _options || this.configuration;
				if (body === null || body === void 0) throw new baseapi_1.RequiredError("body", "aggregateSpans");
				const requestContext = _config.getServer("v2.SpansApi.aggregateSpans").makeRequestContext("/api/v2/spans/analytics/aggregate", http_1.HttpMethod.POST);
				requestContext.setHeaderParam("Accept", "application/json");
				requestContext.setHttpConfig(_config.httpConfig);
				if (_config.isIaC) requestContext.setHeaderParam("X-Datadog-Managed-By", "iac");
				const contentType = ObjectSerializer_1.ObjectSerializer.getPreferredMediaType(["application/json"]);
				requestContext.setHeaderParam("Content-Type", contentType);
				const serializedBody = ObjectSerializer_1.ObjectSerializer.stringify(ObjectSerializer_1.ObjectSerializer.serialize(body, "SpansAggregateRequest", ""), contentType);
				requestContext.setBody(serializedBody);
				(0, configuration_1.applySecurityAuthentication)(_config, requestContext, [
					"apiKeyAuth",
					"appKeyAuth",
					"AuthZ"
				]);
				return requestContext;
			});
		}
		listSpans(body, _options) {
			return __awaiter(this, void 0, void 0, function* () {
				const _config = _options || this.configuration;
				if (body === null || body === void 0) throw new baseapi_1.RequiredError("body", "listSpans");
				const requestContext = _config.getServer("v2.SpansApi.listSpans").makeRequestContext("/api/v2/spans/events/search", http_1.HttpMethod.POST);
				requestContext.setHeaderParam("Accept", "application/json");
				requestContext.setHttpConfig(_config.httpConfig);
				if (_config.isIaC) requestContext.setHeaderParam("X-Datadog-Managed-By", "iac");
				const contentType = ObjectSerializer_1.ObjectSerializer.getPreferredMediaType(["application/json"]);
				requestContext.setHeaderParam("Content-Type", contentType);
				const serializedBody = ObjectSerializer_1.ObjectSerializer.stringify(ObjectSerializer_1.ObjectSerializer.serialize(body, "SpansListRequest", ""), contentType);
				requestContext.setBody(serializedBody);
				(0, configuration_1.applySecurityAuthentication)(_config, requestContext, [
					"apiKeyAuth",
					"appKeyAuth",
					"AuthZ"
				]);
				return requestContext;
			});
		}
	};
	exports.SpansApiRequestFactory = SpansApiRequestFactory;
}));
// datadog-requests
var import_AuthenticationApi = require_AuthenticationApi();
var import_MetricsApi = require_MetricsApi$1();
var import_MonitorsApi = require_MonitorsApi();
var import_EventsApi = require_EventsApi();
var import_KeyManagementApi = require_KeyManagementApi();
var import_LogsApi = require_LogsApi();
var import_MetricsApi$1 = require_MetricsApi();
var import_SoftwareCatalogApi = require_SoftwareCatalogApi();
var import_SpansApi = require_SpansApi();
var import_configuration = require_configuration();
var import_auth = require_auth();
var BaseServerConfiguration = require_servers().BaseServerConfiguration;
var Configuration = import_configuration.Configuration;
var configureAuthMethods = import_auth.configureAuthMethods;
var v1AuthenticationApiRequestFactory = import_AuthenticationApi.AuthenticationApiRequestFactory;
var v1MetricsApiRequestFactory = import_MetricsApi.MetricsApiRequestFactory;
var v1MonitorsApiRequestFactory = import_MonitorsApi.MonitorsApiRequestFactory;
var v2EventsApiRequestFactory = import_EventsApi.EventsApiRequestFactory;
var v2KeyManagementApiRequestFactory = import_KeyManagementApi.KeyManagementApiRequestFactory;
var v2LogsApiRequestFactory = import_LogsApi.LogsApiRequestFactory;
var v2MetricsApiRequestFactory = import_MetricsApi$1.MetricsApiRequestFactory;
var v2SoftwareCatalogApiRequestFactory = import_SoftwareCatalogApi.SoftwareCatalogApiRequestFactory;
var v2SpansApiRequestFactory = import_SpansApi.SpansApiRequestFactory;
export { BaseServerConfiguration, Configuration, configureAuthMethods, v1AuthenticationApiRequestFactory, v1MetricsApiRequestFactory, v1MonitorsApiRequestFactory, v2EventsApiRequestFactory, v2KeyManagementApiRequestFactory, v2LogsApiRequestFactory, v2MetricsApiRequestFactory, v2SoftwareCatalogApiRequestFactory, v2SpansApiRequestFactory };
